import Wire

/// The client's own reading of what a server sends: RESP2, RESP3 and lines of JSON, mixed.
///
/// Written apart from `Wire`'s parser, and simple: it begins anew with every attempt.
struct WireReader {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ new: [UInt8]) { bytes.append(contentsOf: new) }

  /// The first whole value; nil while it is incomplete.
  mutating func next() throws -> Reply? {
    var scan = Scan(bytes: bytes[...])
    do {
      let value = try scan.value()
      bytes.removeFirst(scan.index - bytes.startIndex)
      return value
    } catch Incomplete.incomplete {
      return nil
    }
  }
}

private enum Incomplete: Error { case incomplete }

private struct Scan {
  let bytes: ArraySlice<UInt8>
  var index: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  mutating func value() throws -> Reply {
    guard let type = bytes.first else { throw Incomplete.incomplete }
    // No RESP type begins like a JSON value; `-` and `_` begin no value that Roost sends as JSON.
    if "{[\"nft0123456789".utf8.contains(type) {
      var json = JSONReader(try line())
      return try json.whole()
    }
    return try resp()
  }

  private mutating func resp() throws -> Reply {
    let head = try line()
    guard let type = head.first else { throw Violation("an empty line in a reply") }
    let rest = String(decoding: head.dropFirst(), as: UTF8.self)
    switch Character(Unicode.Scalar(type)) {
    case "+": return .text(rest)
    case "-":
      let words = rest.split(separator: " ", maxSplits: 1).map(String.init)
      return .error(code: words[0], message: words.count > 1 ? words[1] : "")
    case ":": return .integer(try number(rest))
    case ",": return .text(rest)
    case "_": return .null
    case "#": return .integer(rest == "t" ? 1 : 0)
    case "$", "=":
      let length = Int(try number(rest))
      return length < 0 ? .null : .text(try bulk(length))
    case "*", "~": return try array(try number(rest)).map { .array($0) } ?? .null
    case ">": return .push(try array(try number(rest)) ?? [])
    case "%":
      let flat = try array(2 * (try number(rest))) ?? []
      return .map(WireReader.map(flat))
    default: throw Violation("a reply begins with byte \(type)")
    }
  }

  private mutating func array(_ count: Int64) throws -> [Reply]? {
    if count < 0 { return nil }
    var elements: [Reply] = []
    for _ in 0..<count { elements.append(try resp()) }
    return elements
  }

  private func number(_ text: String) throws -> Int64 {
    guard let number = Int64(text) else { throw Violation("'\(text)' is not a number") }
    return number
  }

  private mutating func bulk(_ length: Int) throws -> String {
    guard bytes.endIndex - index >= length + 2 else { throw Incomplete.incomplete }
    defer { index += length + 2 }
    return String(decoding: bytes[index..<(index + length)], as: UTF8.self)
  }

  /// Without its line end.
  private mutating func line() throws -> ArraySlice<UInt8> {
    guard let end = bytes[index...].firstIndex(of: 0x0A) else { throw Incomplete.incomplete }
    let line = bytes[index..<end]
    index = end + 1
    return line.last == 0x0D ? line.dropLast() : line
  }
}

extension WireReader {
  static func map(_ flat: [Reply]) -> ReplyMap {
    var map = ReplyMap()
    for index in stride(from: 0, to: flat.count - 1, by: 2) {
      if case .text(let key) = flat[index] { map.append(key, flat[index + 1]) }
    }
    return map
  }
}
