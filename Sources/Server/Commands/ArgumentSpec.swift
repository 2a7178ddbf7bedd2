/// One argument of a command, as the command table describes it: parsed by, and documented from,
/// this value alone.
package struct ArgumentSpec: Sendable {
  package enum Kind: Sendable, Equatable {
    /// UTF-8 text.
    case text
    /// A username, with or without `@` in front, folded to lower case.
    case username
    /// The decimal string of an identifier.
    case id
    /// A whole number in this range.
    case integer(ClosedRange<Int64>)
    /// One of these words, in any case.
    case word([String])
    /// No value: the token alone.
    case flag
    /// All arguments that are left, unread.
    case rest
  }

  package var name: String
  package var kind: Kind
  /// The option word before the value; nil for a positional argument.
  package var token: String?
  package var isOptional = false
  package var isRepeated = false
  /// Never kept, not even as a digest.
  package var isSecret = false
  /// How many values follow the option word.
  package var valuesCount = 1
  /// Not nil: the option's first value says how many follow, one of these.
  package var countedRange: ClosedRange<Int>?
  /// Nil: exactly `valuesCount`. Otherwise one to so many follow, up to the next option word.
  package var valuesMax: Int?

  package static func text(_ name: String) -> ArgumentSpec { ArgumentSpec(name: name, kind: .text) }
  package static func username(_ name: String = "username") -> ArgumentSpec {
    ArgumentSpec(name: name, kind: .username)
  }
  package static func id(_ name: String = "id") -> ArgumentSpec {
    ArgumentSpec(name: name, kind: .id)
  }
  package static func integer(_ name: String, _ range: ClosedRange<Int64>) -> ArgumentSpec {
    ArgumentSpec(name: name, kind: .integer(range))
  }
  package static func word(_ name: String, _ words: [String]) -> ArgumentSpec {
    ArgumentSpec(name: name, kind: .word(words))
  }
  package static func flag(_ token: String) -> ArgumentSpec {
    ArgumentSpec(name: token.lowercased(), kind: .flag, token: token, isOptional: true)
  }
  package static func rest(_ name: String) -> ArgumentSpec {
    ArgumentSpec(name: name, kind: .rest, isOptional: true, isRepeated: true)
  }

  /// The same argument, introduced by an option word and optional.
  package func after(_ token: String) -> ArgumentSpec {
    var spec = self
    spec.token = token
    spec.isOptional = true
    return spec
  }

  package var optional: ArgumentSpec {
    var spec = self
    spec.isOptional = true
    return spec
  }

  /// The same argument, which may not be left out.
  package var required: ArgumentSpec {
    var spec = self
    spec.isOptional = false
    return spec
  }

  /// The same option with this many values behind its word.
  package func values(_ count: Int) -> ArgumentSpec {
    var spec = self
    spec.valuesCount = count
    return spec
  }

  /// The same option with one to so many values behind its word.
  package func manyValues(max: Int) -> ArgumentSpec {
    var spec = self
    spec.valuesMax = max
    return spec
  }

  /// The same option with a number behind its word and then so many values.
  package func counted(_ range: ClosedRange<Int>) -> ArgumentSpec {
    var spec = self
    spec.countedRange = range
    return spec
  }

  /// Of a positional argument.
  package var secret: ArgumentSpec {
    var spec = self
    spec.isSecret = true
    return spec
  }

  /// One or more of them.
  package var repeated: ArgumentSpec {
    var spec = self
    spec.isRepeated = true
    return spec
  }
}

extension ArgumentSpec {
  /// The largest idempotency key, in bytes.
  package static let requestKeyBytesMax = 128
  /// The most items that a page holds.
  package static let pageCountMax: Int64 = 200
  package static let pageCountDefault = 20

  /// `KEY <idempotency-key>`, which every mutating command takes.
  package static let key = ArgumentSpec.text("idempotency-key").after("KEY")
  /// `[COUNT n] [AFTER cursor]`, which every paged command takes.
  package static let page = [
    ArgumentSpec.integer("count", 1...pageCountMax).after("COUNT"),
    ArgumentSpec.text("cursor").after("AFTER"),
  ]
}
