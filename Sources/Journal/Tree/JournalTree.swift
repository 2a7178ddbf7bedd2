package import Domain

/// The Merkle tree over all events up to a position: roots, also earlier ones, and proofs.
///
/// What it needs of the tree it takes from the stored nodes, and from the events of at most
/// 2^`TreeNode.storedEvery` positions in a row; nothing of that changes while the journal grows.
/// Not to be shared between threads.
package final class JournalTree {
  private let disk: any JournalDisk
  /// Closes the disk when it goes.
  private let reader: JournalReader?
  private let hasher = TreeHasher()
  let range: MountainRange
  /// What is complete and not stored yet: of events that a program wrote which knew no tree.
  let unwritten: [(node: TreeNode, hash: TreeHash)]
  private let unwrittenHashes: [TreeNode: TreeHash]

  /// As stored; then grown over the events up to `end` that the stored tree does not hold, which
  /// reads them.
  init(
    disk: any JournalDisk, end: Position, of reader: JournalReader? = nil
  ) throws(JournalError) {
    self.disk = disk
    self.reader = reader
    var range = MountainRange()
    if let value = try disk.metaEntry(TreeCodec.peaksKey) {
      range = try TreeCodec.decodePeaks(value)
    }
    var unwritten: [(node: TreeNode, hash: TreeHash)] = []
    while range.size < end.raw {
      let (bytes, header) = try Self.block(disk, of: Position(range.size + 1))
      try range.append(bytes, header, hasher) { unwritten.append(($0, $1)) }
    }
    self.range = range
    self.unwritten = unwritten
    unwrittenHashes = Dictionary(uniqueKeysWithValues: unwritten.map { ($0.node, $0.hash) })
  }

  /// The position of the newest event that the tree holds.
  package var end: Position { Position(range.size) }

  /// The root over the events up to a position, at most `end`.
  package func root(at position: Position) throws(JournalError) -> TreeHash {
    precondition(position <= end, "a tree has no root beyond its end")
    if position == end { return range.root(hasher) }
    if position == .zero { return hasher.empty() }
    return try root(over: 0..<position.raw)
  }

  /// Shows that an event stands where it does among those up to a position, at most `end`.
  package func inclusion(
    of position: Position, at size: Position
  ) throws(JournalError) -> InclusionProof {
    precondition(position > .zero && position <= size && size <= end, "the tree holds the event")
    let leaf = try leaf(at: position)
    var path: [TreeHash] = []
    var (low, high) = (UInt64(0), size.raw)
    var aside: [Range<UInt64>] = []
    while high - low > 1 {
      let middle = low + Self.split(high - low)
      if position.raw - 1 < middle {
        aside.append(middle..<high)
        high = middle
      } else {
        aside.append(low..<middle)
        low = middle
      }
    }
    for range in aside.reversed() { path.append(try root(over: range)) }
    let proof = InclusionProof(leaf: leaf, size: size, root: try root(at: size), path: path)
    guard proof.holds(hasher) else {
      throw .damage(position, "its tree does not fit the event")
    }
    return proof
  }

  /// Shows that the events up to a position are the beginning of those up to a later one, at most
  /// `end`: RFC 9162, section 2.1.4.1.
  package func consistency(
    from old: Position, to new: Position
  ) throws(JournalError) -> ConsistencyProof {
    precondition(old > .zero && old <= new && new <= end, "the tree holds both")
    var aside: [Range<UInt64>] = []
    var (low, high) = (UInt64(0), new.raw)
    while old.raw != high {
      let middle = low + Self.split(high - low)
      if old.raw <= middle {
        aside.append(middle..<high)
        high = middle
      } else {
        aside.append(low..<middle)
        low = middle
      }
    }
    if low > 0 { aside.append(low..<high) }
    var path: [TreeHash] = []
    for range in aside.reversed() { path.append(try root(over: range)) }
    return ConsistencyProof(
      from: old, fromRoot: try root(at: old), to: new, root: try root(at: new), path: path)
  }

  // MARK: Parts of the tree

  /// The greatest power of two below a number of leaves, at least 2.
  private static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }

  /// Over leaves counted from 0, of which the first is a multiple of their number's largest power
  /// of two.
  private func root(over leaves: Range<UInt64>) throws(JournalError) -> TreeHash {
    let count = UInt64(leaves.count)
    if count.nonzeroBitCount == 1 {
      let height = count.trailingZeroBitCount
      return try hash(of: TreeNode(height: height, index: leaves.lowerBound >> UInt64(height)))
    }
    let middle = leaves.lowerBound + Self.split(count)
    return hasher.node(
      try root(over: leaves.lowerBound..<middle), try root(over: middle..<leaves.upperBound))
  }

  private func hash(of node: TreeNode) throws(JournalError) -> TreeHash {
    if let hash = unwrittenHashes[node] { return hash }
    if node.isStored { return try stored(node) }
    guard node.height < TreeNode.storedEvery else {
      let (left, right) = node.children
      return hasher.node(try hash(of: left), try hash(of: right))
    }
    var range = MountainRange()
    try forEachLeaf(node.leaves) { range.append($0, hasher) { _, _ in } }
    return range.root(hasher)
  }

  private func stored(_ node: TreeNode) throws(JournalError) -> TreeHash {
    let key = TreeCodec.key(of: node)
    guard let value = try disk.metaEntry(key) else {
      throw .damage(Position(node.leaves.lowerBound + 1), "a node of its tree is missing")
    }
    return try TreeCodec.decodeHash(value, key: key)
  }

  private func forEachLeaf(
    _ leaves: Range<UInt64>, _ body: (TreeHash) -> Void
  ) throws(JournalError) {
    var next = leaves.lowerBound + 1
    while next <= leaves.upperBound {
      let (bytes, header) = try Self.block(disk, of: Position(next))
      try hasher.forEachLeaf(
        of: bytes.span, header, from: Int(next - header.first.raw),
        count: Int(leaves.upperBound - next + 1), body)
      next = header.last.raw + 1
    }
  }

  private func leaf(at position: Position) throws(JournalError) -> TreeLeaf {
    let (bytes, header) = try Self.block(disk, of: position)
    let nonce =
      header.salt.isEmpty
      ? [UInt8](repeating: 0, count: BlockHeader.saltBytes)
      : Sealer.nonce(salt: header.salt, index: Int(position.raw - header.first.raw))
    return TreeLeaf(
      position: position, baseTime: header.baseTime, nonce: nonce,
      record: try BlockDecoder.storedRecord(at: position, in: bytes.span, header).bytes)
  }

  /// A plain block, as leaves are read from it.
  private static func block(
    _ disk: any JournalDisk, of position: Position
  ) throws(JournalError) -> (bytes: [UInt8], header: BlockHeader) {
    guard let (first, bytes) = try disk.block(atOrBefore: position) else {
      throw .damage(position, "its block is missing")
    }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    guard position <= header.last else { throw .damage(position, "its block is missing") }
    return try BlockPacking.plain(bytes, header)
  }
}

extension JournalReader {
  /// The tree over everything that is committed now.
  package func tree() throws(JournalError) -> JournalTree {
    let end = try head().position
    return try JournalTree(disk: log.disk, end: end, of: self)
  }
}
