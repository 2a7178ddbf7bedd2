import Domain

@testable import Journal

/// The tree as RFC 6962 defines it, from its leaves, with nothing remembered.
struct NaiveTree {
  private let hasher = TreeHasher()
  let leaves: [TreeHash]

  init(leaves: [TreeHash]) { self.leaves = leaves }

  /// Reads the leaves from the stored blocks, each with its parts put together one by one.
  init(_ reader: JournalReader) throws {
    var leaves: [TreeHash] = []
    var position = Position(1)
    while let (first, bytes) = try reader.rawBlock(atOrBefore: position), first == position.raw {
      let (bytes, header) = try BlockPacking.plain(bytes, try BlockHeader.read(bytes))
      var decoder = CBORDecoder(bytes[header.body])
      for index in 0..<header.count {
        let nonce =
          header.salt.isEmpty
          ? [UInt8](repeating: 0, count: 24) : Sealer.nonce(salt: header.salt, index: index)
        leaves.append(
          hasher.leaf(
            TreeLeaf(
              position: Position(first + UInt64(index)), baseTime: header.baseTime, nonce: nonce,
              record: Array(try decoder.bytes()))))
      }
      position = header.last.next
    }
    self.leaves = leaves
  }

  func root(_ size: Int) -> TreeHash { root(leaves[..<size]) }

  private func root(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
    if leaves.isEmpty { return hasher.empty() }
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    return hasher.node(root(leaves.prefix(split)), root(leaves.dropFirst(split)))
  }
}
