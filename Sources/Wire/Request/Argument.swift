/// One word of a request: text if it is UTF-8, otherwise bytes.
///
/// Costs no allocation up to 15 bytes of text. Two are equal if their bytes are (Swift's String
/// compares by canonical equivalence, which would make two different requests one).
package struct Argument: Sendable, ExpressibleByStringLiteral {
  private enum Storage: Sendable {
    case text(String)
    case raw([UInt8])
  }

  private var storage: Storage

  package init(_ text: String) {
    storage = .text(text)
  }

  package init(stringLiteral text: String) {
    storage = .text(text)
  }

  package init(_ bytes: [UInt8]) {
    self.init(bytes[...])
  }

  package init(_ bytes: ArraySlice<UInt8>) {
    // Saves 70 ns over String(validating:as:), which looks up metadata at run time.
    do throws(UTF8.ValidationError) {
      storage = .text(String(copying: try UTF8Span(validating: bytes.span)))
    } catch {
      storage = .raw(Array(bytes))
    }
  }

  /// Nil if the bytes are not UTF-8.
  package var text: String? {
    switch storage {
    case .text(let text): text
    case .raw: nil
    }
  }

  package var bytes: [UInt8] {
    switch storage {
    case .text(let text): Array(text.utf8)
    case .raw(let bytes): bytes
    }
  }

  /// In bytes.
  package var count: Int {
    switch storage {
    case .text(let text): text.utf8.count
    case .raw(let bytes): bytes.count
    }
  }

  package func append(to out: inout [UInt8]) {
    switch storage {
    case .text(let text): out.append(contentsOf: text.utf8)
    case .raw(let bytes): out.append(contentsOf: bytes)
    }
  }

  /// In ASCII capitals, for looking up commands and options; nil if it is not ASCII.
  package var word: String? {
    guard case .text(let text) = storage, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    return text.uppercased()
  }

  /// Whether this is the given command or option word, in whatever case. Allocates nothing.
  package func isWord(_ capitals: String) -> Bool {
    guard case .text(let text) = storage else { return false }
    let given = text.utf8.span
    let wanted = capitals.utf8.span
    guard given.count == wanted.count else { return false }
    for index in given.indices where Byte.uppercased(given[index]) != wanted[index] {
      return false
    }
    return true
  }

  /// Nil unless it is a decimal integer without blanks, plus sign or leading zeros.
  package var integer: Int64? {
    guard case .text(let text) = storage else { return nil }
    return parseDecimal(text.utf8)
  }
}

extension Argument: Hashable {
  package static func == (left: Argument, right: Argument) -> Bool {
    switch (left.storage, right.storage) {
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.raw(let left), .raw(let right)): left == right
    case (.text, .raw), (.raw, .text): false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch storage {
    case .text(let text):
      for byte in text.utf8 { hasher.combine(byte) }
    case .raw(let bytes):
      for byte in bytes { hasher.combine(byte) }
    }
  }
}
