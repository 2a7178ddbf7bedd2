import Domain
import Wire

/// What the server runs with.
let configCommands: [CommandSpec] = [
  CommandSpec(
    "CONFIG GET", [.text("pattern").repeated],
    "Parameters whose names fit a pattern, with their values; * stands for anything.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, arguments in
    let patterns = arguments.texts("pattern").map { $0.lowercased() }
    guard patterns.allSatisfy({ $0.utf8.count <= Parameter.patternBytesMax }) else {
      throw Rejection(.invalid, "a pattern has at most \(Parameter.patternBytesMax) bytes")
    }
    let shown = invocation.service.operations.parameters.filter { parameter in
      patterns.contains { parameter.name.fits($0) }
    }
    return Response(.map(ReplyMap(shown.map { ($0.name, .text($0.value())) })))
  },
  CommandSpec(
    "CONFIG SET", [.text("parameter"), .text("value")],
    "Changes a parameter until the server ends.", access: .admin, rate: .operate,
    errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let name = (arguments.text("parameter") ?? "").lowercased()
    let value = arguments.text("value") ?? ""
    let service = invocation.service
    guard let parameter = service.operations.parameters.first(where: { $0.name == name }) else {
      throw Rejection(.notFound, "there is no parameter '\(name.prefix(64))'; see CONFIG GET *")
    }
    guard let set = parameter.set else {
      throw Rejection(.invalid, "\(name) is set when the server starts")
    }
    let before = parameter.value()
    try set(value)
    service.log("CONFIG SET by user:\(try invocation.caller.user): \(name) \(before) -> \(value)")
    return Response(.ok)
  },
]

/// One thing that a server runs with, as CONFIG names it: the option of `roost serve`.
package struct Parameter: Sendable {
  static let patternBytesMax = 64

  package var name: String
  package var value: @Sendable () -> String
  /// Nil where it is set at the start only. Throws INVALID for a value that does not fit.
  package var set: (@Sendable (String) throws -> Void)?

  /// One that stays as it is.
  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = { value }
  }

  package init(
    _ name: String, value: @escaping @Sendable () -> String,
    set: @escaping @Sendable (String) throws -> Void
  ) {
    self.name = name
    self.value = value
    self.set = set
  }
}

extension String {
  /// Whether it is what a pattern says, in which `*` stands for any characters and `?` for one.
  func fits(_ pattern: String) -> Bool {
    let text = Array(utf8)
    let pattern = Array(pattern.utf8)
    var (at, place) = (0, 0)
    // Where to go on if what follows the newest star turns out not to fit.
    var star: (pattern: Int, text: Int)?
    while at < text.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = (place, at)
        place += 1
      } else if place < pattern.count,
        pattern[place] == UInt8(ascii: "?") || pattern[place] == text[at]
      {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (place, at) = (last.pattern + 1, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
