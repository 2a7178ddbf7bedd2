internal import Domain

/// What was given on a command's line, checked against what the command takes.
struct Options {
  private var values: [String: String] = [:]
  private var lists: [String: [String]] = [:]
  private var flags: Set<String> = []

  /// Reads `--name value`, `--name=value`, `--flag` and words, in any order, each at most once.
  init(_ words: [String], of options: [Option]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.count > 2 else {
        try add(word, options)
        continue
      }
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = options.first(where: { $0.name == name }) else {
        throw UsageError("there is no option --\(name)")
      }
      guard values[name] == nil, lists[name] == nil, !flags.contains(name) else {
        throw UsageError("--\(name) is given twice")
      }
      switch option.kind {
      case .flag:
        guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
        flags.insert(name)
      case .value:
        guard let value = parts.count == 2 ? String(parts[1]) : Self.value(&rest), !value.isEmpty
        else { throw UsageError("--\(name) needs a value") }
        values[name] = value
      case .values(let placeholders):
        let given = placeholders.compactMap { _ in Self.value(&rest) }
        guard parts.count == 1, given.count == placeholders.count else {
          throw UsageError("--\(name) needs \(placeholders.count) values")
        }
        lists[name] = given
      case .word:
        throw UsageError("there is no option --\(name)")
      }
    }
    for option in options where option.isRequired && values[option.name] == nil {
      throw UsageError("\(option.usage) is missing")
    }
  }

  /// The next word, if it is not the name of another option; what begins like one is given as
  /// `--name=--value`.
  private static func value(_ rest: inout ArraySlice<String>) -> String? {
    guard let word = rest.first, !word.hasPrefix("--") else { return nil }
    return rest.popFirst()
  }

  /// A word without a name goes to the first option of that kind that has none.
  private mutating func add(_ word: String, _ options: [Option]) throws {
    let next = options.first { option in
      if case .word = option.kind { values[option.name] == nil } else { false }
    }
    guard let next else { throw UsageError("'\(word)' is no option") }
    values[next.name] = word
  }

  func has(_ option: Option) -> Bool { flags.contains(option.name) }
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  subscript(name: String) -> String? { values[name] }

  /// Of an option that takes several.
  func list(_ name: String) -> [String]? { lists[name] }

  /// Of an option that is required.
  func require(_ option: Option) -> String {
    guard let value = values[option.name] else {
      preconditionFailure("--\(option.name) is not a required option")
    }
    return value
  }

  /// A whole number from 0; throws for anything else.
  func number(_ name: String) throws -> UInt64? {
    try values[name].map { try Self.number($0, of: "--\(name)") }
  }

  /// The same, in `range`; `unit` is what the error counts in.
  func number(
    _ name: String, in range: ClosedRange<UInt64>, unit: String? = nil
  ) throws -> UInt64? {
    guard let number = try number(name) else { return nil }
    guard range.contains(number) else {
      let bounds = "\(range.lowerBound) to \(range.upperBound)"
      throw UsageError("--\(name) takes \(bounds)\(unit.map { " " + $0 } ?? "")")
    }
    return number
  }

  /// Whole numbers of an option that takes several.
  func numbers(_ name: String) throws -> [UInt64]? {
    try lists[name]?.map { try Self.number($0, of: "--\(name)") }
  }

  static func number(_ text: String, of option: String) throws -> UInt64 {
    guard let number = UInt64(text), !text.hasPrefix("+") else {
      throw UsageError("\(option) takes a whole number, not '\(text)'")
    }
    return number
  }
}
