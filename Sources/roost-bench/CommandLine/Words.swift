/// The options of a command line: `--name value`, and flags `--name`.
struct Words {
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  /// What comes after `--`.
  private(set) var rest: [String] = []

  /// Throws one sentence for an option that is neither, or without its value.
  init(_ words: [String], values names: Set<String>, flags flagNames: Set<String> = []) throws {
    var words = words[...]
    while let word = words.popFirst() {
      if word == "--" {
        rest = Array(words)
        return
      }
      guard word.hasPrefix("--") else { throw UsageError("'\(word)' is not an option") }
      let name = String(word.dropFirst(2))
      if flagNames.contains(name) {
        flags.insert(name)
      } else if names.contains(name) {
        guard let value = words.popFirst() else { throw UsageError("--\(name) needs a value") }
        values[name] = value
      } else {
        throw UsageError("there is no option --\(name)")
      }
    }
  }

  subscript(name: String) -> String? { values[name] }

  func has(_ flag: String) -> Bool { flags.contains(flag) }

  func require(_ name: String) throws -> String {
    guard let value = values[name] else { throw UsageError("--\(name) is missing") }
    return value
  }

  /// A whole number in a range; nil if it is not given.
  func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number above zero; nil if it is not given.
  func positive(_ name: String, max: Double) throws -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), number > 0, number <= max else {
      throw UsageError("--\(name) takes a number above 0 and up to \(max)")
    }
    return number
  }
}

/// What a command line cannot mean, in one sentence.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
