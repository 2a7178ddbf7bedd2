extension JSONWriter {
  /// The value a plain-line client reads; an error is an object with `error`.
  package mutating func reply(_ reply: Reply) {
    switch reply {
    case .ok: string("OK")
    case .simple(let text), .text(let text), .verbatim(let text): string(text)
    case .bytes(let bytes): string(base64(bytes))
    case .integer(let value): integer(value)
    case .double(let value): double(value)
    case .boolean(let value): boolean(value)
    case .null, .nullArray: null()
    case .array(let elements), .push(let elements):
      beginArray()
      for element in elements { self.reply(element) }
      endArray()
    case .map(let map):
      beginObject()
      for entry in map.entries {
        key(entry.key)
        self.reply(entry.value)
      }
      endObject()
    case .message(let channel, let payload): message(channel: channel, payload: payload)
    case .error(let code, let message): error(code: code, message: message)
    }
  }

  private mutating func message(channel: String, payload: String) {
    beginObject()
    key("message")
    beginObject()
    key("channel")
    string(channel)
    key("event")
    raw(payload)
    endObject()
    endObject()
  }

  private mutating func error(code: String, message: String) {
    beginObject()
    key("error")
    beginObject()
    key("code")
    string(code)
    key("message")
    string(message)
    endObject()
    endObject()
  }
}

/// RFC 4648 section 4, with padding.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var out: [UInt8] = []
  out.reserveCapacity((bytes.count + 2) / 3 * 4)
  var index = 0
  while index < bytes.count {
    let present = min(3, bytes.count - index)
    var group: UInt32 = 0
    for offset in 0..<3 {
      group = group << 8 | (offset < present ? UInt32(bytes[index + offset]) : 0)
    }
    for digit in 0..<4 {
      let value = Int(group >> UInt32(18 - 6 * digit)) & 0x3f
      out.append(digit <= present ? alphabet[value] : UInt8(ascii: "="))
    }
    index += 3
  }
  return String(decoding: out, as: UTF8.self)
}
