package import Domain

/// Whose signatures of checkpoints are taken: `name+key id+key`, as C2SP's signed notes have it.
package struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
  /// Of Ed25519, in a key's and a signature's encoding.
  static let algorithm: UInt8 = 1
  static let idBytes = 4
  /// A name has at most so many bytes.
  package static let nameBytesMax = 128

  package let name: String
  let publicKey: [UInt8]

  init(name: String, publicKey: [UInt8]) {
    self.name = name
    self.publicKey = publicKey
  }

  /// Nil for what is no such key.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isName(parts[0]), let key = Base64.decode(parts[2]),
      key.count == 1 + Ed25519.publicKeyBytes, key[0] == Self.algorithm
    else { return nil }
    self.init(name: String(parts[0]), publicKey: Array(key.dropFirst()))
    guard parts[1] == hex(id) else { return nil }
  }

  package var description: String {
    "\(name)+\(hex(id))+\(Base64.encode([Self.algorithm] + publicKey))"
  }

  /// Tells keys apart: the beginning of a hash over name and key.
  var id: [UInt8] {
    let hash = SHA256()
    hash.update(Array(name.utf8) + [0x0A, Self.algorithm] + publicKey)
    return Array(hash.finish().bytes.prefix(Self.idBytes))
  }

  /// Printable ASCII, without blanks and plus signs.
  package static func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.count <= nameBytesMax
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") }
  }
}

/// What checkpoints are signed with: `PRIVATE+KEY+name+key id+seed`. Whoever has it can sign.
package struct SigningKey: Sendable {
  private static let prefix = "PRIVATE+KEY+"

  package let verifier: VerifierKey
  private let seed: [UInt8]

  /// A new key. Without a name, one that is made from it.
  package init(name: String?, random: any RandomSource) {
    seed = random.bytes(Ed25519.seedBytes)
    let publicKey = Ed25519.publicKey(seed: seed)
    let hash = SHA256()
    hash.update(publicKey)
    let name = name ?? "roost/" + hex(Array(hash.finish().bytes.prefix(8)))
    verifier = VerifierKey(name: name, publicKey: publicKey)
  }

  /// Nil for what is no such key.
  package init?(_ text: some StringProtocol) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let parts = text.dropFirst(Self.prefix.count)
      .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, VerifierKey.isName(parts[0]), let key = Base64.decode(parts[2]),
      key.count == 1 + Ed25519.seedBytes, key[0] == VerifierKey.algorithm
    else { return nil }
    seed = Array(key.dropFirst())
    verifier = VerifierKey(name: String(parts[0]), publicKey: Ed25519.publicKey(seed: seed))
    guard parts[1] == hex(verifier.id) else { return nil }
  }

  /// With the secret in it.
  var text: String {
    Self.prefix + "\(verifier.name)+\(hex(verifier.id))+"
      + Base64.encode([VerifierKey.algorithm] + seed)
  }

  func sign(_ message: [UInt8]) -> [UInt8] { Ed25519.sign(message, seed: seed) }
}

/// Lower-case hexadecimal digits, two a byte.
private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
