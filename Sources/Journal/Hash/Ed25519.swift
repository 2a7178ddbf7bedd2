internal import CSodium

/// Signatures: Ed25519 (RFC 8032).
enum Ed25519 {
  static let seedBytes = 32
  static let publicKeyBytes = 32
  static let signatureBytes = 64

  static func publicKey(seed: [UInt8]) -> [UInt8] { keys(seed).publicKey }

  static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8] {
    let secretKey = keys(seed).secretKey
    var signature = [UInt8](repeating: 0, count: signatureBytes)
    unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secretKey)
    return signature
  }

  /// False for what is no signature of this message with this key.
  static func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == signatureBytes, publicKey.count == publicKeyBytes else { return false }
    return unsafe crypto_sign_verify_detached(
      signature, message, UInt64(message.count), publicKey) == 0
  }

  private static func keys(_ seed: [UInt8]) -> (publicKey: [UInt8], secretKey: [UInt8]) {
    precondition(seed.count == seedBytes, "a seed has 32 bytes")
    var publicKey = [UInt8](repeating: 0, count: publicKeyBytes)
    var secretKey = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
    unsafe crypto_sign_seed_keypair(&publicKey, &secretKey, seed)
    return (publicKey, secretKey)
  }
}
