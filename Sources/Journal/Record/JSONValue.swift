/// A JSON value as it was read: strict RFC 8259, UTF-8, whole numbers only, no key twice.
package indirect enum JSONValue: Equatable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  case integer(Int64)
  /// What does not fit into an `Int64`.
  case large(UInt64)
  case bool(Bool)
  case null

  /// How deep containers are followed.
  package static let depthMax = 16

  /// Throws one sentence about what is wrong, with the byte where.
  package static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    try reader.finish()
    return value
  }
}

/// Why bytes are not the JSON that was expected, in one sentence.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

extension JSONValue {
  package subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var object: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  package var int: Int64? { if case .integer(let number) = self { number } else { nil } }
  package var uint: UInt64? {
    switch self {
    case .integer(let number): UInt64(exactly: number)
    case .large(let number): number
    case .object, .array, .string, .bool, .null: nil
    }
  }

  /// Of a string of hexadecimal digits, two a byte.
  package var hexadecimalBytes: [UInt8]? {
    guard let digits = string?.utf8, digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x61...0x66: value = digit - 0x61 + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }
}

/// Reads JSON in one pass.
private struct JSONReader {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < JSONValue.depthMax else { throw error("it is nested too deep") }
    skipBlanks()
    guard index < bytes.endIndex else { throw error("it ends too early") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error("no value begins here")
    }
  }

  mutating func finish() throws(JSONError) {
    skipBlanks()
    guard index == bytes.endIndex else { throw error("something follows its end") }
  }

  private func error(_ problem: String) -> JSONError {
    JSONError("\(problem) (byte \(index - bytes.startIndex + 1))")
  }

  private mutating func skipBlanks() {
    while index < bytes.endIndex {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard index < bytes.endIndex, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[index...].starts(with: text.utf8) else { throw error("no value begins here") }
    index += text.utf8.count
    return value
  }

  private mutating func object(_ depth: Int) throws(JSONError) -> JSONValue {
    index += 1
    var members: [String: JSONValue] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") else {
        throw error("a key is missing")
      }
      let key = try string()
      guard take(UInt8(ascii: ":")) else { throw error("a colon is missing") }
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw error("the key '\(key)' is there twice")
      }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("a } is missing") }
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws(JSONError) -> JSONValue {
    index += 1
    var items: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(items) }
    repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("a ] is missing") }
    return .array(items)
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = index
    if bytes[index] == UInt8(ascii: "-") { index += 1 }
    let digits = index
    while index < bytes.endIndex, (0x30...0x39).contains(bytes[index]) { index += 1 }
    guard index > digits, index == digits + 1 || bytes[digits] != 0x30 else {
      throw error("this is no number")
    }
    if index < bytes.endIndex, [UInt8(ascii: "."), 0x45, 0x65].contains(bytes[index]) {
      throw error("numbers are whole here")
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if let number = Int64(text) { return .integer(number) }
    guard let number = UInt64(text) else { throw error("this number is too large") }
    return .large(number)
  }

  private mutating func string() throws(JSONError) -> String {
    index += 1
    let start = index
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\""),
      bytes[index] != UInt8(ascii: "\\"), bytes[index] >= 0x20
    {
      index += 1
    }
    // Almost always there is no escape, and nothing to put together.
    if index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") {
      guard let text = String(validating: bytes[start..<index], as: UTF8.self) else {
        throw error("a string is not UTF-8")
      }
      index += 1
      return text
    }
    var content = Array(bytes[start..<index])
    while true {
      guard index < bytes.endIndex else { throw error("a string does not end") }
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw error("a string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): content += try escaped()
      case 0..<0x20: throw error("a string has a control character")
      default: content.append(byte)
      }
    }
  }

  private mutating func escaped() throws(JSONError) -> [UInt8] {
    guard index < bytes.endIndex else { throw error("a string does not end") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "u"): return try codePoint()
    default: throw error("this is no escape")
    }
  }

  private mutating func codePoint() throws(JSONError) -> [UInt8] {
    var code = try fourDigits()
    if (0xD800...0xDBFF).contains(code) {
      guard bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw error("half a character")
      }
      index += 2
      let low = try fourDigits()
      guard (0xDC00...0xDFFF).contains(low) else { throw error("half a character") }
      code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("half a character") }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    let digits = bytes[index...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits are missing") }
    index += 4
    return code
  }
}
