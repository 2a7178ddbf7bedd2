internal import CSodium
package import Domain

/// Seals the personal text of one record with its actor's key: XChaCha20-Poly1305 (IETF), bound to
/// position and actor, so that text cannot be moved to another record.
struct Sealer {
  static let keyBytes = 32
  static let tagBytes = 16

  private let key: [UInt8]
  private let associated: [UInt8]

  init(key: [UInt8], position: Position, actor: UserID) {
    precondition(key.count == Self.keyBytes, "a key has 32 bytes")
    self.key = key
    associated = unsafe [UInt8](unsafeUninitializedCapacity: 16) { output, count in
      for byte in 0..<8 {
        unsafe output[byte] = UInt8(truncatingIfNeeded: position.raw >> (56 - 8 * UInt64(byte)))
        unsafe output[8 + byte] = UInt8(truncatingIfNeeded: actor.raw >> (56 - 8 * UInt64(byte)))
      }
      count = 16
    }
  }

  /// The block's salt, its last four bytes combined with the record's index in the block.
  static func nonce(salt: [UInt8], index: Int) -> [UInt8] {
    var nonce = salt
    let start = salt.count - 4
    for byte in 0..<4 {
      nonce[start + byte] ^= UInt8(truncatingIfNeeded: index >> (8 * byte))
    }
    return nonce
  }

  func seal(_ secret: Secret, nonce: [UInt8]) -> [UInt8] {
    var encoder = CBOREncoder(
      reserving: secret.fields.reduce(2) { $0 + 11 + $1.value.utf8.count })
    encoder.map(secret.fields.count)
    for (field, value) in secret.fields {
      encoder.uint(UInt64(field.rawValue))
      encoder.text(value)
    }
    let plain = encoder.bytes
    return unsafe [UInt8](unsafeUninitializedCapacity: plain.count + Self.tagBytes) {
      output, count in
      var length: UInt64 = 0
      let code = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
        output.baseAddress!, &length, plain, UInt64(plain.count), associated,
        UInt64(associated.count), nil, nonce, key)
      precondition(code == 0, "sealing cannot fail")
      count = Int(length)
    }
  }

  /// Nil if the bytes were not sealed with this key for this record, or are not what was sealed.
  func open(_ sealed: ArraySlice<UInt8>, nonce: [UInt8]) -> Secret? {
    guard sealed.count >= Self.tagBytes, nonce.count == BlockHeader.saltBytes else { return nil }
    var isGenuine = false
    let plain = unsafe [UInt8](unsafeUninitializedCapacity: sealed.count) { output, count in
      var length: UInt64 = 0
      let code = unsafe sealed.withUnsafeBufferPointer { input in
        unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
          output.baseAddress!, &length, nil, input.baseAddress!, UInt64(input.count), associated,
          UInt64(associated.count), nonce, key)
      }
      isGenuine = code == 0
      count = isGenuine ? Int(length) : 0
    }
    guard isGenuine else { return nil }
    return try? Self.decode(plain)
  }

  private static func decode(_ plain: [UInt8]) throws(CBORError) -> Secret {
    var decoder = CBORDecoder(plain)
    var fields: [Secret.Field: String] = [:]
    for _ in 0..<(try decoder.map()) {
      guard let number = UInt8(exactly: try decoder.uint()),
        let field = Secret.Field(rawValue: number)
      else { throw .invalidValue }
      fields[field] = try decoder.text()
    }
    try decoder.finish()
    return Secret(fields)
  }
}

/// What there is to read at a position.
package enum SecretReading: Equatable, Sendable {
  case text(Secret)
  /// The event carries no personal text.
  case none
  /// It did, and the key has been destroyed.
  case erased
}
