internal import CZstd

/// Compresses and decompresses frames of bounded size. Not to be shared between threads.
@safe final class Zstd {
  /// zstd's own default: about 400 MB/s at a third of the size for snapshots.
  static let level: Int32 = 3

  private let compressor: OpaquePointer
  private let decompressor: OpaquePointer

  init() {
    guard let compressor = unsafe ZSTD_createCCtx(), let decompressor = unsafe ZSTD_createDCtx()
    else { preconditionFailure("there is memory for a zstd context") }
    unsafe self.compressor = compressor
    unsafe self.decompressor = decompressor
  }

  deinit {
    unsafe ZSTD_freeCCtx(compressor)
    unsafe ZSTD_freeDCtx(decompressor)
  }

  func compress(_ bytes: [UInt8]) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      count = unsafe ZSTD_compressCCtx(
        compressor, output.baseAddress, bound, bytes, bytes.count, Self.level)
      precondition(ZSTD_isError(count) == 0, "compression into enough room cannot fail")
    }
  }

  /// Nil unless the frame holds exactly `count` bytes.
  func decompress(_ frame: [UInt8], count expected: Int) -> [UInt8]? {
    var isGood = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
      let got = unsafe ZSTD_decompressDCtx(
        decompressor, output.baseAddress, expected, frame, frame.count)
      isGood = ZSTD_isError(got) == 0 && got == expected
      count = isGood ? expected : 0
    }
    return isGood ? bytes : nil
  }
}
