/// What stands before the compressed bytes of a frame in snapshots and backups: their length, the
/// length of the content, the CRC-32 of the compressed bytes; four bytes each, little-endian.
struct FrameHead {
  /// Its own length.
  static let bytes = 12
  /// What ends the frames: the head of a frame of nothing.
  static let end = [UInt8](repeating: 0, count: bytes)

  let compressedBytes: Int
  private let contentBytes: Int
  private let checksum: UInt64

  /// Of as many bytes as a head has.
  init(_ bytes: [UInt8]) {
    let fields = Page(number: 0, bytes: bytes)
    compressedBytes = Int(fields.value(0, 4))
    contentBytes = Int(fields.value(4, 4))
    checksum = fields.value(8, 4)
  }

  /// Whether no frame follows.
  var isEnd: Bool { compressedBytes == 0 }

  /// Whether it is of a writer whose frames hold at most `contentMax` bytes.
  func fits(contentMax: Int) -> Bool {
    contentBytes <= contentMax && compressedBytes <= 2 * contentMax
  }

  /// Whether these compressed bytes are those that were written, and as much as it says.
  func fits(_ compressed: Span<UInt8>) -> Bool {
    UInt64(crc32Checksum(compressed)) == checksum
      && Zstd.contentBytes(of: compressed) ?? contentBytes == contentBytes
  }

  /// What is in the compressed bytes; nil if they are not those that were written.
  func content(of compressed: [UInt8]) -> [UInt8]? {
    guard fits(compressed.span) else { return nil }
    return ZstdPool.shared.decompress(compressed.span, count: contentBytes)
  }
}

extension FrameHead {
  /// A frame of this content, with its head.
  static func frame(of content: [UInt8]) -> [UInt8] {
    let compressed = ZstdPool.shared.compress(content)
    return littleEndianBytes(UInt32(compressed.count)) + littleEndianBytes(UInt32(content.count))
      + littleEndianBytes(crc32Checksum(compressed)) + compressed
  }
}
