internal import CCrypto

/// A hash of 32 bytes that needs no memory of its own: for trees of millions.
package struct TreeHash: Hashable, Sendable {
  /// In bytes.
  package static let length = 32

  fileprivate var storage: SIMD32<UInt8>

  /// Nil unless there are 32 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.length else { return nil }
    storage = SIMD32(bytes)
  }

  fileprivate init(storage: SIMD32<UInt8>) { self.storage = storage }

  package var bytes: [UInt8] { storage.indices.map { storage[$0] } }
}

/// SHA-256 (FIPS 180-4), fed piece by piece, with the processor's own instructions where it has
/// them.
///
/// Not to be shared between threads.
@safe final class SHA256 {
  private let algorithm: OpaquePointer
  private let context: OpaquePointer

  init() {
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil),
      let context = unsafe EVP_MD_CTX_new()
    else { preconditionFailure("libcrypto has SHA-256, and there is memory for its state") }
    unsafe self.algorithm = algorithm
    unsafe self.context = context
    begin()
  }

  deinit {
    unsafe EVP_MD_CTX_free(context)
    unsafe EVP_MD_free(algorithm)
  }

  private func begin() {
    let code = unsafe EVP_DigestInit_ex2(context, algorithm, nil)
    precondition(code == 1, "a hash can be begun")
  }

  func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
    }
  }

  func update(_ bytes: [UInt8]) { update(bytes.span) }

  /// One byte and two hashes, in one piece.
  func update(_ byte: UInt8, _ left: TreeHash, _ right: TreeHash) {
    var piece = (byte, left.storage, right.storage)
    unsafe withUnsafeTemporaryAllocation(byteCount: 1 + 2 * TreeHash.length, alignment: 1) {
      buffer in
      unsafe buffer.storeBytes(of: piece.0, as: UInt8.self)
      unsafe withUnsafeBytes(of: &piece.1) { left in
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: left)
      }
      unsafe withUnsafeBytes(of: &piece.2) { right in
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(1 + TreeHash.length)...])
          .copyMemory(from: right)
      }
      _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
    }
  }

  /// The hash of everything since `init` or the last `finish`; starts over.
  func finish() -> TreeHash {
    var storage = SIMD32<UInt8>()
    unsafe withUnsafeMutableBytes(of: &storage) { buffer in
      let output = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let code = unsafe EVP_DigestFinal_ex(context, output, nil)
      precondition(code == 1, "a hash can be finished")
    }
    begin()
    return TreeHash(storage: storage)
  }
}
