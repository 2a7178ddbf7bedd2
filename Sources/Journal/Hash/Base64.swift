internal import CSodium

/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
  private static let variant = sodium_base64_VARIANT_ORIGINAL

  static func encode(_ bytes: [UInt8]) -> String {
    let count = sodium_base64_encoded_len(bytes.count, variant)
    var text = [CChar](repeating: 0, count: count)
    unsafe sodium_bin2base64(&text, count, bytes, bytes.count, variant)
    return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Nil for what is not exactly the encoding of some bytes.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let text = Array(text.utf8)
    var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3 + 3)
    var count = 0
    let code = unsafe text.withUnsafeBytes { input in
      unsafe sodium_base642bin(
        &bytes, bytes.count, input.baseAddress?.assumingMemoryBound(to: CChar.self), input.count,
        nil, &count, nil, variant)
    }
    guard code == 0 else { return nil }
    let decoded = Array(bytes.prefix(count))
    return encode(decoded).utf8.elementsEqual(text) ? decoded : nil
  }
}
