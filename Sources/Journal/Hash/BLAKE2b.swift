internal import CSodium

/// BLAKE2b with 32 bytes of output and no key (RFC 7693), fed piece by piece.
///
/// Not to be shared between threads.
@safe package final class BLAKE2b {
  /// In bytes.
  package static let length = 32

  private let state: UnsafeMutableRawPointer

  package init() {
    // libsodium asks for an alignment of 64 bytes.
    unsafe state = .allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
    unsafe crypto_generichash_init(OpaquePointer(state), nil, 0, Self.length)
  }

  deinit { unsafe state.deallocate() }

  package func update(_ bytes: [UInt8]) { update(bytes[...]) }

  package func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      _ = unsafe crypto_generichash_update(
        OpaquePointer(state), buffer.baseAddress, UInt64(buffer.count))
    }
  }

  /// The hash of everything since `init` or the last `finish`; starts over.
  package func finish() -> [UInt8] {
    let hash = unsafe [UInt8](unsafeUninitializedCapacity: Self.length) { buffer, count in
      unsafe crypto_generichash_final(OpaquePointer(state), buffer.baseAddress!, Self.length)
      count = Self.length
    }
    unsafe crypto_generichash_init(OpaquePointer(state), nil, 0, Self.length)
    return hash
  }
}

/// BLAKE2b of 32 bytes in one call.
package func blake2b256(_ bytes: [UInt8]) -> [UInt8] { blake2b(bytes, length: 32) }

package func blake2b256(_ bytes: ArraySlice<UInt8>) -> [UInt8] { blake2b(bytes, length: 32) }

/// BLAKE2b of 16 bytes: where a hash only has to tell things apart.
package func blake2b128(_ bytes: [UInt8]) -> [UInt8] { blake2b(bytes, length: 16) }

private func blake2b(_ bytes: some Collection<UInt8>, length: Int) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: length) { output, count in
    let done: Void? = bytes.withContiguousStorageIfAvailable { input in
      _ = unsafe crypto_generichash(
        output.baseAddress!, length, input.baseAddress, UInt64(input.count), nil, 0)
    }
    precondition(done != nil, "arrays and their slices are contiguous")
    count = length
  }
}
