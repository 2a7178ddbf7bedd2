internal import CZstd
internal import Synchronization

/// Compresses and decompresses frames of bounded size. Used by one thread at a time: `ZstdPool`
/// has those that there are.
@safe final class Zstd: @unchecked Sendable {
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

  /// How much is in a frame, as it says itself; nil if it does not.
  static func contentBytes(of frame: Span<UInt8>) -> Int? {
    let count = unsafe frame.withUnsafeBufferPointer { input in
      unsafe ZSTD_getFrameContentSize(input.baseAddress, input.count)
    }
    return Int(exactly: count)
  }

  /// Nil unless the frame holds exactly `count` bytes; never takes room for more.
  func decompress(_ frame: Span<UInt8>, count expected: Int) -> [UInt8]? {
    var isGood = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
      let got = unsafe frame.withUnsafeBufferPointer { input in
        unsafe ZSTD_decompressDCtx(
          decompressor, output.baseAddress, expected, input.baseAddress, input.count)
      }
      isGood = ZSTD_isError(got) == 0 && got == expected
      count = isGood ? expected : 0
    }
    return isGood ? bytes : nil
  }
}

/// Which zstd makes frames. Another one may make other frames of the same bytes; any reads them.
package var zstdVersion: String { unsafe String(cString: ZSTD_versionString()) }

/// Compressors that are used again, by whichever thread has something small: making one takes
/// longer than a block does.
final class ZstdPool: Sendable {
  static let shared = ZstdPool()
  /// Kept while nobody uses them; about as many threads read and write at once.
  private static let idleMax = 4

  private let idle = Mutex<[Zstd]>([])

  func compress(_ bytes: [UInt8]) -> [UInt8] {
    let zstd = take()
    defer { give(zstd) }
    return zstd.compress(bytes)
  }

  /// Nil unless the frame holds exactly `count` bytes.
  func decompress(_ frame: Span<UInt8>, count: Int) -> [UInt8]? {
    let zstd = take()
    defer { give(zstd) }
    return zstd.decompress(frame, count: count)
  }

  private func take() -> Zstd { idle.withLock { $0.popLast() } ?? Zstd() }

  private func give(_ zstd: Zstd) {
    idle.withLock { if $0.count < Self.idleMax { $0.append(zstd) } }
  }
}
