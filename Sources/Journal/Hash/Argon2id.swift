private import CSodium

/// Password hashes: Argon2id with 19 MiB, t = 2, p = 1 (OWASP's first recommendation), as strings
/// in PHC form, which name their own parameters.
package enum Argon2id {
  package static let memoryBytes = 19 * 1_024 * 1_024
  package static let passes: UInt64 = 2

  /// Takes some 20 ms and `memoryBytes`; not for a shard's thread.
  package static func hash(_ password: String) -> String {
    precondition(sodium_init() >= 0, "libsodium does not start")
    var output = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let length = UInt64(password.utf8.count)
    let result = unsafe password.withCString { text in
      unsafe crypto_pwhash_str_alg(
        &output, text, length, passes, memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
    }
    precondition(result == 0, "there is no memory for a password hash")
    let bytes = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the password has this hash; as much work as `hash`. False for what is no hash.
  package static func fits(_ password: String, _ hash: String) -> Bool {
    precondition(sodium_init() >= 0, "libsodium does not start")
    let length = UInt64(password.utf8.count)
    return unsafe password.withCString { text in
      unsafe hash.withCString { hash in
        unsafe crypto_pwhash_str_verify(hash, text, length) == 0
      }
    }
  }
}
