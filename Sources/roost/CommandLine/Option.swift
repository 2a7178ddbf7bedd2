/// One thing that a command takes on its line.
struct Option {
  enum Kind {
    /// `--name`
    case flag
    /// `--name VALUE` or `--name=VALUE`; the placeholder is what help shows.
    case value(placeholder: String)
    /// `--name VALUE VALUE`
    case values(placeholders: [String])
    /// `WORD`, without a name before it.
    case word
  }

  let name: String
  let kind: Kind
  let isRequired: Bool
  let help: String

  static func flag(_ name: String, _ help: String) -> Option {
    Option(name: name, kind: .flag, isRequired: false, help: help)
  }

  static func value(_ name: String, _ placeholder: String, _ help: String) -> Option {
    Option(name: name, kind: .value(placeholder: placeholder), isRequired: false, help: help)
  }

  static func values(_ name: String, _ placeholders: [String], _ help: String) -> Option {
    Option(name: name, kind: .values(placeholders: placeholders), isRequired: false, help: help)
  }

  /// The placeholder is the name.
  static func word(_ name: String, _ help: String) -> Option {
    Option(name: name, kind: .word, isRequired: false, help: help)
  }

  static func required(_ name: String, _ placeholder: String, _ help: String) -> Option {
    Option(name: name, kind: .value(placeholder: placeholder), isRequired: true, help: help)
  }

  /// `--name VALUE`
  var usage: String {
    switch kind {
    case .flag: "--\(name)"
    case .value(let placeholder): "--\(name) \(placeholder)"
    case .values(let placeholders): "--\(name) \(placeholders.joined(separator: " "))"
    case .word: name
    }
  }
}

extension Option {
  /// The one option that every command has.
  static let data = Option.required("data", "DIR", "the data directory")
  static let json = Option.flag("json", "print JSON")
}

/// A command line that says what it does not mean: exit status 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
