/// How much of a server's reply a client is willing to hold.
package struct ReplyLimits: Sendable {
  package var bulkBytesMax = 64 << 20
  package var elementsMax = 1 << 20
  package var depthMax = 32
  package var lineBytesMax = 64 << 10

  package init() {}
}

/// The client's side: turns received bytes, however they were cut, into replies (RESP2 and RESP3).
///
/// A bulk string is `text` if it is UTF-8 and `bytes` if not; what RESP2 cannot say comes back as
/// what it was written as (a map as an array). Attributes are skipped.
package struct ReplyParser: Sendable {
  private struct Frame: Sendable {
    enum Kind { case array, map, push, attribute }
    var kind: Kind
    var missing: Int
    var elements: [Reply] = []
  }

  private enum BulkKind { case text, verbatim, error }

  private let limits: ReplyLimits
  private var input = InputBuffer()
  /// Aggregates being read, outermost first.
  private var frames: [Frame] = []
  private var bulk: (kind: BulkKind, length: Int)?
  private var failure: WireError?

  package init(limits: ReplyLimits = ReplyLimits()) {
    self.limits = limits
  }

  package mutating func append(_ bytes: Span<UInt8>) {
    if failure == nil { input.append(bytes) }
  }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if failure == nil { input.append(bytes) }
  }

  /// The next complete reply; nil if more bytes are needed. An error is final and repeats.
  package mutating func next() throws(WireError) -> Reply? {
    if let failure { throw failure }
    do {
      return try parse()
    } catch {
      failure = error
      input.removeAll()
      frames = []
      throw error
    }
  }

  private mutating func parse() throws(WireError) -> Reply? {
    while true {
      let step = try bulk != nil ? parseBulk() : parseHead()
      switch step {
      case .incomplete:
        input.release()
        return nil
      case .opened:
        continue
      case .value(let value):
        if let whole = close(value) { return whole }
      case .attributeEnded:
        continue
      }
    }
  }

  private enum Step {
    case incomplete
    case opened
    case value(Reply)
    case attributeEnded
  }

  /// Puts a finished value where it belongs; returns it if it is the whole reply.
  private mutating func close(_ finished: Reply) -> Reply? {
    var value = finished
    while let top = frames.indices.last {
      frames[top].elements.append(value)
      frames[top].missing -= 1
      if frames[top].missing > 0 { return nil }
      let frame = frames.removeLast()
      switch frame.kind {
      case .array: value = .array(frame.elements)
      case .push: value = .push(frame.elements)
      case .map: value = .map(Self.map(frame.elements))
      case .attribute: return nil
      }
    }
    return value
  }

  private static func map(_ elements: [Reply]) -> ReplyMap {
    var map = ReplyMap()
    for index in stride(from: 0, to: elements.count, by: 2) {
      map.append(key(elements[index]), elements[index + 1])
    }
    return map
  }

  /// Roost's keys are strings; another server's are shown as text.
  private static func key(_ reply: Reply) -> String {
    switch reply {
    case .text(let text), .simple(let text), .verbatim(let text): text
    case .ok: "OK"
    case .integer(let value): String(value)
    case .bytes, .double, .boolean, .null, .nullArray, .array, .map, .push, .message, .error:
      "\(reply)"
    }
  }

  private mutating func parseBulk() throws(WireError) -> Step {
    guard let bulk else { return .incomplete }
    switch input.takeBulk(length: bulk.length) {
    case .incomplete: return .incomplete
    case .unterminated: throw .missingLineEndAfterBulk
    case .found(let range):
      self.bulk = nil
      let bytes = input.bytes[range]
      switch bulk.kind {
      case .text:
        let argument = Argument(bytes)
        return .value(argument.text.map { .text($0) } ?? .bytes(argument.bytes))
      case .verbatim:
        return .value(.verbatim(String(decoding: bytes.dropFirst(4), as: UTF8.self)))
      case .error:
        return .value(Self.error(bytes))
      }
    }
  }

  private mutating func parseHead() throws(WireError) -> Step {
    switch input.takeLine(bytesMax: limits.lineBytesMax) {
    case .incomplete: return .incomplete
    case .tooLong: throw .headerTooLong
    case .found(_, endsWithCRLF: false): throw .invalidReply("a line ends without CR")
    case .found(let range, endsWithCRLF: true):
      guard let type = input.bytes[range].first else { throw .invalidReply("an empty line") }
      return try parseHead(
        Unicode.Scalar(type), input.bytes[(range.lowerBound + 1)..<range.upperBound])
    }
  }

  private mutating func parseHead(
    _ type: Unicode.Scalar, _ rest: ArraySlice<UInt8>
  ) throws(WireError) -> Step {
    switch type {
    case "+":
      let text = String(decoding: rest, as: UTF8.self)
      return .value(text == "OK" ? .ok : .simple(text))
    case "-": return .value(Self.error(rest))
    case ":": return .value(.integer(try integer(rest)))
    case "_": return .value(.null)
    case "#": return .value(.boolean(rest.first == UInt8(ascii: "t")))
    case "(": return .value(.text(String(decoding: rest, as: UTF8.self)))
    case ",":
      guard let value = Double(String(decoding: rest, as: UTF8.self)) else {
        throw .invalidReply("a double")
      }
      return .value(.double(value))
    case "$": return try openBulk(.text, rest)
    case "=": return try openBulk(.verbatim, rest)
    case "!": return try openBulk(.error, rest)
    case "*", "~": return try open(.array, rest, valuesPerElement: 1)
    case ">": return try open(.push, rest, valuesPerElement: 1)
    case "%": return try open(.map, rest, valuesPerElement: 2)
    case "|": return try open(.attribute, rest, valuesPerElement: 2)
    default: throw .invalidReply("a type byte \(type.value)")
    }
  }

  private mutating func openBulk(
    _ kind: BulkKind, _ rest: ArraySlice<UInt8>
  ) throws(WireError) -> Step {
    let length = try integer(rest)
    if length == -1 { return .value(.null) }
    guard length >= (kind == .verbatim ? 4 : 0), length <= limits.bulkBytesMax else {
      throw .invalidBulkLength
    }
    bulk = (kind, Int(length))
    return .opened
  }

  private mutating func open(
    _ kind: Frame.Kind, _ rest: ArraySlice<UInt8>, valuesPerElement: Int
  ) throws(WireError) -> Step {
    let count = try integer(rest)
    if count == -1 { return .value(.nullArray) }
    guard count >= 0, count <= limits.elementsMax else { throw .invalidMultibulkLength }
    guard frames.count < limits.depthMax else { throw .invalidReply("too deep") }
    if count > 0 {
      frames.append(Frame(kind: kind, missing: Int(count) * valuesPerElement))
      return .opened
    }
    switch kind {
    case .array: return .value(.array([]))
    case .push: return .value(.push([]))
    case .map: return .value(.map(ReplyMap()))
    case .attribute: return .attributeEnded
    }
  }

  private func integer(_ rest: ArraySlice<UInt8>) throws(WireError) -> Int64 {
    guard let value = parseDecimal(rest) else { throw .invalidReply("an integer") }
    return value
  }

  private static func error(_ line: ArraySlice<UInt8>) -> Reply {
    let parts = line.split(separator: Byte.space, maxSplits: 1, omittingEmptySubsequences: false)
    return .error(
      code: String(decoding: parts[0], as: UTF8.self),
      message: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "")
  }
}
