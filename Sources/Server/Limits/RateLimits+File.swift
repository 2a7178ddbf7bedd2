import Domain

/// What is wrong with a limits file, and where.
package struct LimitsFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1.
  package let line: Int
  package let problem: String

  package var description: String { "line \(line): \(problem)" }
}

extension RateLimits {
  /// A larger file is refused.
  package static let fileBytesMax = 65_536

  /// Reads a limits file: one rule a line, in place of the default; what is not named stays as in
  /// `standard`. docs/limits.md describes it.
  package init(file text: String) throws(LimitsFileError) {
    self = .standard
    var seen: [String: Int] = [:]
    // A line break of two characters is one Character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first else { continue }
      do throws(Problem) {
        if let first = seen[name] {
          throw Problem("\(name) is given twice, first in line \(first)")
        }
        seen[name] = index + 1
        try read(name, Array(words.dropFirst()))
      } catch {
        throw LimitsFileError(line: index + 1, problem: error.text)
      }
    }
  }

  private struct Problem: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private mutating func read(_ name: String, _ values: [String]) throws(Problem) {
    if name == "exempt" { return try readExempt(values) }
    guard let rule = LimitRule.allCases.first(where: { $0.name == name }) else {
      let names = LimitRule.allCases.map(\.name).joined(separator: ", ")
      throw Problem("there is no limit '\(name)'; there are \(names), and exempt")
    }
    guard !values.isEmpty else { throw Problem("\(name) needs an allowance such as 10/1m, or off") }
    if values == ["off"] { return self[rule] = [] }
    guard values.count <= Self.allowancesMax else {
      throw Problem("\(name) takes at most \(Self.allowancesMax) allowances")
    }
    var allowances: [Allowance] = []
    for value in values {
      let allowance = try Self.allowance(value)
      guard !allowances.contains(where: { $0.windowMs == allowance.windowMs }) else {
        throw Problem("\(name) has two allowances for the same time, the second is '\(value)'")
      }
      allowances.append(allowance)
    }
    self[rule] = allowances
  }

  /// `<count>/<number><unit>`
  private static func allowance(_ text: String) throws(Problem) -> Allowance {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = digits(parts[0]),
      let unit = Allowance.units.first(where: { parts[1].hasSuffix($0.letter) }),
      let number = digits(parts[1].dropLast())
    else {
      throw Problem(
        "'\(text)' is no allowance; write <count>/<time> such as 10/1m, with s, m, h or d")
    }
    guard (1...Allowance.countMax).contains(count) else {
      throw Problem("the count in '\(text)' is not 1 to \(Allowance.countMax)")
    }
    let (windowMs, isTooLong) = number.multipliedReportingOverflow(by: unit.ms)
    guard !isTooLong, let allowance = Allowance(count: count, windowMs: windowMs) else {
      throw Problem("the time in '\(text)' is not 1s to 31d")
    }
    return allowance
  }

  /// Nil for anything but ASCII digits; what is too large for the type is its largest number.
  private static func digits(_ text: Substring) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text) ?? .max
  }

  private mutating func readExempt(_ values: [String]) throws(Problem) {
    exemptScopes = []
    exemptAddresses = []
    if values == ["none"] { return }
    guard !values.isEmpty else {
      throw Problem("exempt needs service, moderator, admin or addresses; or none")
    }
    for value in values {
      switch value {
      case "service": exemptScopes.insert(.service)
      case "moderator": exemptScopes.insert(.moderator)
      case "admin": exemptScopes.insert(.admin)
      default:
        guard let address = NetworkAddress(host: value) else {
          throw Problem(
            "exempt takes service, moderator, admin and addresses, or none alone, not '\(value)'")
        }
        exemptAddresses.insert(address)
      }
    }
  }
}
