package import Domain

/// The hashes of the tree (RFC 6962, section 2.1): leaves and nodes begin with different bytes, so
/// that neither passes for the other.
///
/// Not to be shared between threads.
final class TreeHasher {
  private static let leafByte: UInt8 = 0
  private static let nodeByte: UInt8 = 1
  /// The leaf's byte, position, base time, nonce.
  private static let leafHeadBytes = 1 + 8 + 8 + BlockHeader.saltBytes

  private let hash = SHA256()

  func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
    hash.update(Self.nodeByte, left, right)
    return hash.finish()
  }

  /// The root of a tree without leaves.
  func empty() -> TreeHash { hash.finish() }

  func leaf(_ leaf: TreeLeaf) -> TreeHash {
    hash.update([Self.leafByte])
    hash.update(bigEndianBytes(leaf.position.raw))
    hash.update(bigEndianBytes(UInt64(bitPattern: leaf.baseTime.ms)))
    hash.update(leaf.nonce)
    hash.update(leaf.record)
    return hash.finish()
  }

  /// The leaves of a plain block's events from one index on, in order. The same hashes as `leaf`
  /// gives, without a copy of anything.
  func forEachLeaf(
    of block: Span<UInt8>, _ header: BlockHeader, from first: Int = 0, count: Int = .max,
    _ body: (TreeHash) throws(JournalError) -> Void
  ) throws(JournalError) {
    var head = [UInt8](repeating: 0, count: Self.leafHeadBytes)
    head[0] = Self.leafByte
    let time = UInt64(bitPattern: header.baseTime.ms)
    for byte in 0..<8 { head[9 + byte] = UInt8(truncatingIfNeeded: time >> (56 - 8 * byte)) }
    for (byte, value) in header.salt.enumerated() { head[17 + byte] = value }
    let salt = header.salt.suffix(4)
    var reader = SpanReader()
    reader.index = header.body.lowerBound
    for index in 0..<header.count {
      if index - first >= count { return }
      let position = header.first.raw + UInt64(index)
      let range = try Self.event(at: position, in: block, header, &reader)
      guard index >= first else { continue }
      for byte in 0..<8 { head[1 + byte] = UInt8(truncatingIfNeeded: position >> (56 - 8 * byte)) }
      for (byte, value) in salt.enumerated() {
        head[Self.leafHeadBytes - 4 + byte] = value ^ UInt8(truncatingIfNeeded: index >> (8 * byte))
      }
      hash.update(head)
      hash.update(block.extracting(range))
      try body(hash.finish())
    }
  }

  private static func event(
    at position: UInt64, in block: Span<UInt8>, _ header: BlockHeader, _ reader: inout SpanReader
  ) throws(JournalError) -> Range<Int> {
    do throws(CBORError) {
      let range = try reader.content(0x40, block)
      guard range.upperBound <= header.body.upperBound else { throw .truncated }
      return range
    } catch {
      throw .damage(Position(position), "the record cannot be read (\(error))")
    }
  }
}

/// What the tree holds of one event: where it stands, when, and its bytes as they are stored, so
/// sealed text as it is sealed.
package struct TreeLeaf: Hashable, Sendable {
  package var position: Position
  /// Of the block; the record says how much later the event is.
  package var baseTime: Instant
  /// What the event's text is sealed with, whether it has any or not; zeros if nothing in the block
  /// is sealed.
  package var nonce: [UInt8]
  /// A CRC-32 and the CBOR array that it is of.
  package var record: [UInt8]
}
