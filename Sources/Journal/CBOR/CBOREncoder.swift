/// Writes canonical CBOR (RFC 8949, section 4.2): shortest heads, definite lengths.
///
/// Containers are written head first: `array(2)` and then two items. The caller writes map keys in
/// ascending order.
package struct CBOREncoder: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

  package mutating func uint(_ value: UInt64) { head(0x00, value) }

  package mutating func int(_ value: Int64) {
    if value >= 0 { head(0x00, UInt64(value)) } else { head(0x20, UInt64(-1 - value)) }
  }

  package mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      head(0x60, UInt64(utf8.count))
      unsafe bytes.append(contentsOf: utf8)
    }
  }

  package mutating func bytes(_ value: [UInt8]) {
    head(0x40, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  package mutating func bytes(_ value: ArraySlice<UInt8>) {
    head(0x40, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  package mutating func bool(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

  package mutating func null() { bytes.append(0xF6) }

  /// The head of an array; `count` items follow.
  package mutating func array(_ count: Int) { head(0x80, UInt64(count)) }

  /// The head of a map; `count` pairs follow, keys ascending.
  package mutating func map(_ count: Int) { head(0xA0, UInt64(count)) }

  /// An item, or several, encoded elsewhere.
  package mutating func encoded(_ item: [UInt8]) { bytes.append(contentsOf: item) }

  package mutating func encoded(_ item: ArraySlice<UInt8>) { bytes.append(contentsOf: item) }

  /// Starts over and keeps the memory.
  package mutating func reset() { bytes.removeAll(keepingCapacity: true) }

  /// The head of a byte string whose `count` bytes the caller appends with `encoded`.
  mutating func bytesHead(_ count: Int) { head(0x40, UInt64(count)) }

  /// Bare bytes, inside a byte string begun by `bytesHead`.
  mutating func encoded(_ item: UnsafeRawBufferPointer) {
    unsafe bytes.append(contentsOf: item)
  }

  /// A bare byte, inside a byte string begun by `bytesHead`.
  mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// Takes back what was written after `count` bytes.
  mutating func truncate(to count: Int) { bytes.removeSubrange(count...) }

  private mutating func head(_ major: UInt8, _ value: UInt64) {
    if value < 24 {
      bytes.append(major | UInt8(value))
    } else if value <= 0xFF {
      bytes.append(major | 24)
      bytes.append(UInt8(value))
    } else if value <= 0xFFFF {
      bytes.append(major | 25)
      bigEndian(value, 2)
    } else if value <= 0xFFFF_FFFF {
      bytes.append(major | 26)
      bigEndian(value, 4)
    } else {
      bytes.append(major | 27)
      bigEndian(value, 8)
    }
  }

  private mutating func bigEndian(_ value: UInt64, _ count: Int) {
    var shift = UInt64(count) * 8
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
