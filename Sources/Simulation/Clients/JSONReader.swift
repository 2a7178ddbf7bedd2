import Wire

/// One line of JSON as a reply; numbers with a point or an exponent come as text.
struct JSONReader {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  mutating func whole() throws -> Reply {
    let value = try value()
    guard index == bytes.endIndex else { throw Violation("something follows a line's JSON") }
    guard case .map(let map) = value, case .map(let error)? = map["error"],
      case .text(let code)? = error["code"], case .text(let message)? = error["message"]
    else { return value }
    return .error(code: code, message: message)
  }

  private mutating func value() throws -> Reply {
    switch try peek() {
    case "{": return try object()
    case "[": return try array()
    case "\"": return .text(try string())
    case "n": return try word("null", .null)
    case "t": return try word("true", .integer(1))
    case "f": return try word("false", .integer(0))
    default: return number()
    }
  }

  private func peek() throws -> Character {
    guard index < bytes.endIndex else { throw Violation("a line's JSON ends early") }
    return Character(Unicode.Scalar(bytes[index]))
  }

  private mutating func take(_ expected: Character) throws {
    guard try peek() == expected else { throw Violation("a line's JSON lacks '\(expected)'") }
    index += 1
  }

  private mutating func word(_ word: String, _ value: Reply) throws -> Reply {
    for character in word { try take(character) }
    return value
  }

  private mutating func number() -> Reply {
    let start = index
    while index < bytes.endIndex, "+-.eE0123456789".utf8.contains(bytes[index]) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    return Int64(text).map { .integer($0) } ?? .text(text)
  }

  private mutating func object() throws -> Reply {
    var map = ReplyMap()
    try take("{")
    while try peek() != "}" {
      if !map.entries.isEmpty { try take(",") }
      let key = try string()
      try take(":")
      map.append(key, try value())
    }
    index += 1
    return .map(map)
  }

  private mutating func array() throws -> Reply {
    var elements: [Reply] = []
    try take("[")
    while try peek() != "]" {
      if !elements.isEmpty { try take(",") }
      elements.append(try value())
    }
    index += 1
    return .array(elements)
  }

  private mutating func string() throws -> String {
    var text: [UInt8] = []
    try take("\"")
    while try peek() != "\"" {
      if try peek() == "\\" {
        index += 1
        text.append(contentsOf: try escaped())
      } else {
        text.append(bytes[index])
        index += 1
      }
    }
    index += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escaped() throws -> [UInt8] {
    let sign = try peek()
    index += 1
    switch sign {
    case "n": return [0x0A]
    case "r": return [0x0D]
    case "t": return [0x09]
    case "b": return [0x08]
    case "f": return [0x0C]
    case "u":
      let digits = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
      index += 4
      guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
        throw Violation("a line's JSON has a bad escape")
      }
      return Array(String(Character(scalar)).utf8)
    default: return Array(String(sign).utf8)
    }
  }
}
