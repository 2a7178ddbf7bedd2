/// Appends JSON text, commas included; nothing is kept but the bytes.
///
/// Keys are written in the order given. Non-ASCII characters stay as they are; control characters,
/// quotes and backslashes are escaped. That objects and arrays are closed is the caller's care.
package struct JSONWriter: Sendable {
  package internal(set) var bytes: [UInt8]
  private var needsComma = false

  package init() {
    bytes = []
  }

  /// Takes over `out` without copying; `finish(into:)` gives it back.
  init(appendingTo out: inout [UInt8]) {
    bytes = []
    swap(&bytes, &out)
  }

  mutating func finish(into out: inout [UInt8]) {
    swap(&bytes, &out)
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package mutating func beginObject() { open("{") }
  package mutating func endObject() { close("}") }
  package mutating func beginArray() { open("[") }
  package mutating func endArray() { close("]") }

  package mutating func key(_ key: String) {
    string(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func string(_ value: String) {
    separate()
    bytes.append(Byte.doubleQuote)
    // Most strings need no escape and are copied whole.
    if !Self.needsEscape(value.utf8.span) {
      bytes.append(contentsOf: value.utf8)
    } else {
      for byte in value.utf8 { appendEscaped(byte) }
    }
    bytes.append(Byte.doubleQuote)
  }

  package mutating func integer(_ value: Int64) {
    separate()
    appendDecimal(value, to: &bytes)
  }

  /// A decimal string: numbers above 2^53 do not survive JavaScript.
  package mutating func id(_ value: UInt64) {
    string(String(value))
  }

  /// Not finite values become null.
  package mutating func double(_ value: Double) {
    separate()
    bytes.append(contentsOf: (value.isFinite ? describe(value) : "null").utf8)
  }

  package mutating func boolean(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// A key in its quotes, with the colon.
  mutating func writtenKey(_ key: [UInt8]) {
    separate()
    bytes.append(contentsOf: key)
    needsComma = false
  }

  /// Keys with their values, with commas in between.
  mutating func writtenEntries(_ entries: [UInt8]) {
    guard !entries.isEmpty else { return }
    separate()
    bytes.append(contentsOf: entries)
  }

  /// One value that is JSON already.
  package mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: bracket))
    needsComma = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    needsComma = true
  }

  private static func needsEscape(_ bytes: Span<UInt8>) -> Bool {
    // No early exit, so that the loop is vectorised.
    var isNeeded = false
    for index in bytes.indices where needsEscape(bytes[index]) { isNeeded = true }
    return isNeeded
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == Byte.doubleQuote || byte == Byte.backslash || byte == 0x7f
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    guard Self.needsEscape(byte) else { return bytes.append(byte) }
    bytes.append(Byte.backslash)
    switch byte {
    case Byte.doubleQuote, Byte.backslash: bytes.append(byte)
    case Byte.lineFeed: bytes.append(UInt8(ascii: "n"))
    case Byte.carriageReturn: bytes.append(UInt8(ascii: "r"))
    case Byte.tab: bytes.append(UInt8(ascii: "t"))
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(Self.hexDigit(byte >> 4))
      bytes.append(Self.hexDigit(byte & 0x0f))
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? Byte.zero + value : UInt8(ascii: "a") + value - 10
  }
}
