/// The tree in the table `meta`: its peaks under one key, which every transaction writes, and the
/// nodes that are kept, each under a key of its own. Every value begins with the CRC-32 of the key
/// and of what follows.
enum TreeCodec {
  static let peaksKey = Array("tree".utf8)
  /// `tree`, height, index.
  static let nodeKeyBytes = 4 + 1 + 8

  static func encode(_ range: MountainRange) -> (key: [UInt8], value: [UInt8]) {
    var encoder = CBOREncoder()
    encoder.array(2)
    encoder.uint(range.size)
    encoder.bytes(range.peaks.flatMap(\.bytes))
    return (peaksKey, checksum(peaksKey, encoder.bytes) + encoder.bytes)
  }

  static func decodePeaks(_ value: [UInt8]) throws(JournalError) -> MountainRange {
    let content = try content(of: value, peaksKey)
    do throws(CBORError) {
      var decoder = CBORDecoder(content)
      guard try decoder.array() == 2 else { throw .invalidValue }
      let size = try decoder.uint()
      let bytes = try decoder.bytes()
      try decoder.finish()
      guard bytes.count % TreeHash.length == 0 else { throw .invalidValue }
      let starts = stride(from: bytes.startIndex, to: bytes.endIndex, by: TreeHash.length)
      let peaks = starts.compactMap { TreeHash(bytes[$0..<($0 + TreeHash.length)]) }
      guard let range = MountainRange(size: size, peaks: peaks) else { throw .invalidValue }
      return range
    } catch {
      throw .damage(nil, "the peaks of its tree cannot be read (\(error))")
    }
  }

  static func key(of node: TreeNode) -> [UInt8] {
    peaksKey + [UInt8(node.height)] + bigEndianBytes(node.index)
  }

  static func encode(_ node: TreeNode, _ hash: TreeHash) -> (key: [UInt8], value: [UInt8]) {
    let key = key(of: node)
    return (key, checksum(key, hash.bytes) + hash.bytes)
  }

  /// Nil for what is not the key of a node that is kept.
  static func node(_ key: [UInt8]) -> TreeNode? {
    guard key.count == nodeKeyBytes, key.starts(with: peaksKey),
      let index = bigEndianValue(key.suffix(8))
    else { return nil }
    let node = TreeNode(height: Int(key[peaksKey.count]), index: index)
    return node.isStored ? node : nil
  }

  static func decodeHash(_ value: [UInt8], key: [UInt8]) throws(JournalError) -> TreeHash {
    guard let hash = TreeHash(try content(of: value, key)) else {
      throw .damage(nil, "a node of its tree has another length")
    }
    return hash
  }

  private static func content(
    of value: [UInt8], _ key: [UInt8]
  ) throws(JournalError) -> ArraySlice<UInt8> {
    let content = value.dropFirst(4)
    guard value.count > 4, checksum(key, Array(content)).elementsEqual(value.prefix(4)) else {
      throw .damage(nil, "a part of its tree does not fit its checksum")
    }
    return content
  }

  private static func checksum(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
    littleEndianBytes(crc32Checksum(key + value))
  }
}
