/// Writes replies in the dialect of whoever asked.
package enum ReplyWriter {
  /// Appends one whole reply: RESP, or one line of JSON with its line end.
  package static func write(
    _ reply: Reply, framing: Framing, version: RESPVersion, into out: inout [UInt8]
  ) {
    switch framing {
    case .resp:
      switch version {
      case .two: writeRESP2(reply, into: &out)
      case .three: writeRESP3(reply, into: &out)
      }
    case .line:
      var json = JSONWriter(appendingTo: &out)
      json.reply(reply)
      json.finish(into: &out)
      out.append(Byte.lineFeed)
    }
  }

  /// The bytes of one reply; to be made once and sent to many.
  package static func bytes(_ reply: Reply, framing: Framing, version: RESPVersion) -> [UInt8] {
    var out: [UInt8] = []
    write(reply, framing: framing, version: version, into: &out)
    return out
  }

  private static func writeRESP2(_ reply: Reply, into out: inout [UInt8]) {
    switch reply {
    case .double(let value): writeBulk(describe(value), into: &out)
    case .boolean(let value): writeInteger(value ? 1 : 0, into: &out)
    case .verbatim(let text): writeBulk(text, into: &out)
    case .null: out.append(contentsOf: "$-1\r\n".utf8)
    case .nullArray: out.append(contentsOf: "*-1\r\n".utf8)
    case .array(let elements), .push(let elements):
      writeHead("*", elements.count, into: &out)
      for element in elements { writeRESP2(element, into: &out) }
    case .map(let map):
      writeHead("*", map.entries.count * 2, into: &out)
      for entry in map.entries {
        writeBulk(entry.key, into: &out)
        writeRESP2(entry.value, into: &out)
      }
    case .message(let channel, let payload):
      writeMessage("*", channel: channel, payload: payload, into: &out)
    case .ok, .simple, .text, .bytes, .integer, .error:
      writeCommon(reply, into: &out)
    }
  }

  private static func writeRESP3(_ reply: Reply, into out: inout [UInt8]) {
    switch reply {
    case .double(let value): writeLine(",", describe(value), into: &out)
    case .boolean(let value): out.append(contentsOf: (value ? "#t\r\n" : "#f\r\n").utf8)
    case .verbatim(let text):
      writeHead("=", text.utf8.count + 4, into: &out)
      out.append(contentsOf: "txt:".utf8)
      out.append(contentsOf: text.utf8)
      out.appendLineEnd()
    case .null, .nullArray: out.append(contentsOf: "_\r\n".utf8)
    case .array(let elements): writeElements("*", elements, into: &out)
    case .push(let elements): writeElements(">", elements, into: &out)
    case .map(let map):
      writeHead("%", map.entries.count, into: &out)
      for entry in map.entries {
        writeBulk(entry.key, into: &out)
        writeRESP3(entry.value, into: &out)
      }
    case .message(let channel, let payload):
      writeMessage(">", channel: channel, payload: payload, into: &out)
    case .ok, .simple, .text, .bytes, .integer, .error:
      writeCommon(reply, into: &out)
    }
  }

  /// What both dialects write alike.
  private static func writeCommon(_ reply: Reply, into out: inout [UInt8]) {
    switch reply {
    case .ok: out.append(contentsOf: "+OK\r\n".utf8)
    case .simple(let text): writeLine("+", text, into: &out)
    case .text(let text): writeBulk(text, into: &out)
    case .bytes(let bytes):
      writeHead("$", bytes.count, into: &out)
      out.append(contentsOf: bytes)
      out.appendLineEnd()
    case .integer(let value): writeInteger(value, into: &out)
    case .error(let code, let message):
      out.append(Byte.minus)
      appendWithoutLineEnds(code, to: &out)
      out.append(Byte.space)
      appendWithoutLineEnds(message, to: &out)
      out.appendLineEnd()
    case .double, .boolean, .verbatim, .null, .nullArray, .array, .map, .push, .message:
      preconditionFailure("a reply that RESP2 and RESP3 write differently")
    }
  }

  private static func writeElements(
    _ type: Unicode.Scalar, _ elements: [Reply], into out: inout [UInt8]
  ) {
    writeHead(type, elements.count, into: &out)
    for element in elements { writeRESP3(element, into: &out) }
  }

  private static func writeMessage(
    _ type: Unicode.Scalar, channel: String, payload: String, into out: inout [UInt8]
  ) {
    writeHead(type, 3, into: &out)
    writeBulk("message", into: &out)
    writeBulk(channel, into: &out)
    writeBulk(payload, into: &out)
  }

  private static func writeHead(_ type: Unicode.Scalar, _ count: Int, into out: inout [UInt8]) {
    out.append(UInt8(ascii: type))
    appendDecimal(Int64(count), to: &out)
    out.appendLineEnd()
  }

  private static func writeInteger(_ value: Int64, into out: inout [UInt8]) {
    out.append(UInt8(ascii: ":"))
    appendDecimal(value, to: &out)
    out.appendLineEnd()
  }

  private static func writeBulk(_ text: String, into out: inout [UInt8]) {
    writeHead("$", text.utf8.count, into: &out)
    out.append(contentsOf: text.utf8)
    out.appendLineEnd()
  }

  private static func writeLine(_ type: Unicode.Scalar, _ text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: type))
    appendWithoutLineEnds(text, to: &out)
    out.appendLineEnd()
  }

  private static func hasLineEnd(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices
    where bytes[index] == Byte.carriageReturn || bytes[index] == Byte.lineFeed {
      return true
    }
    return false
  }

  /// A line end within a status or an error would begin a reply that nobody made.
  private static func appendWithoutLineEnds(_ text: String, to out: inout [UInt8]) {
    if !hasLineEnd(text.utf8.span) { return out.append(contentsOf: text.utf8) }
    for byte in text.utf8 where byte != Byte.carriageReturn && byte != Byte.lineFeed {
      out.append(byte)
    }
  }
}
