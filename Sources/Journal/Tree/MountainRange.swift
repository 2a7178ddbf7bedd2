internal import Domain

/// One hash of the tree: over 2^height leaves, the `index`th such.
struct TreeNode: Hashable, Sendable {
  /// Between two heights that are stored.
  static let storedEvery = 10

  var height: Int
  var index: UInt64

  /// Nodes of these heights are kept in the journal; the others are hashed anew where one is
  /// needed, which takes a thousand hashes at most for each stored height.
  var isStored: Bool { height > 0 && height % Self.storedEvery == 0 }

  /// Counted from 0.
  var leaves: Range<UInt64> { index << UInt64(height)..<(index + 1) << UInt64(height) }

  var children: (TreeNode, TreeNode) {
    (
      TreeNode(height: height - 1, index: 2 * index),
      TreeNode(height: height - 1, index: 2 * index + 1)
    )
  }
}

/// A Merkle tree that grows at its end, held as the roots of its complete subtrees: one for each
/// binary digit 1 of its size, the largest first.
///
/// To append costs one node on average, and the logarithm of the size at most.
struct MountainRange: Equatable, Sendable {
  private(set) var size: UInt64 = 0
  private(set) var peaks: [TreeHash] = []

  init() {}

  /// Nil unless there are as many peaks as a tree of this size has.
  init?(size: UInt64, peaks: [TreeHash]) {
    guard peaks.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.peaks = peaks
  }

  /// `completed` gets the nodes that are complete now and are to be stored.
  mutating func append(
    _ leaf: TreeHash, _ hasher: TreeHasher, _ completed: (TreeNode, TreeHash) -> Void
  ) {
    var hash = leaf
    var node = TreeNode(height: 0, index: size)
    while node.index & 1 == 1 {
      hash = hasher.node(peaks.removeLast(), hash)
      node = TreeNode(height: node.height + 1, index: node.index >> 1)
      if node.isStored { completed(node, hash) }
    }
    peaks.append(hash)
    size += 1
  }

  /// The leaves of a plain block that follows, or of its end, if the tree has its beginning.
  mutating func append(
    _ block: [UInt8], _ header: BlockHeader, _ hasher: TreeHasher,
    _ completed: (TreeNode, TreeHash) -> Void
  ) throws(JournalError) {
    let known = Int(size + 1 - header.first.raw)
    try hasher.forEachLeaf(of: block.span, header, from: known) { leaf in
      append(leaf, hasher, completed)
    }
  }

  /// The Merkle tree hash of RFC 6962.
  func root(_ hasher: TreeHasher) -> TreeHash {
    guard var root = peaks.last else { return hasher.empty() }
    for peak in peaks.dropLast().reversed() { root = hasher.node(peak, root) }
    return root
  }
}
