internal import Domain

/// Builds the tree anew while the chain is followed, and compares: with what is stored of it, and
/// with a checkpoint.
struct TreeAudit {
  private let disk: any JournalDisk
  private let checkpoint: Checkpoint?
  private let hasher = TreeHasher()
  private let stored: MountainRange?
  private var range = MountainRange()
  /// Of the first `checkpoint.size` events.
  private var root: TreeHash?
  /// The first thing that does not fit, of what is stored.
  private(set) var finding: Finding?

  init(disk: any JournalDisk, checkpoint: Checkpoint?) throws(JournalError) {
    self.disk = disk
    self.checkpoint = checkpoint
    do throws(JournalError) {
      stored = try Self.checkStored(disk)
    } catch {
      guard case .damaged(let found) = error else { throw error }
      stored = nil
      finding = found
    }
    if checkpoint?.size == .zero { root = range.root(hasher) }
  }

  /// Adds the next block, one that the chain holds, as a plain one.
  mutating func add(_ block: [UInt8], _ header: BlockHeader) throws(JournalError) {
    var completed: [(TreeNode, TreeHash)] = []
    try hasher.forEachLeaf(of: block.span, header) { leaf in
      range.append(leaf, hasher) { completed.append(($0, $1)) }
      if range.size == checkpoint?.size.raw { root = range.root(hasher) }
      if let stored, range.size == stored.size, range != stored, finding == nil {
        finding = Finding(
          "the journal", "its tree over the events up to \(range.size) does not fit them")
      }
    }
    for (node, hash) in completed { try compare(node, hash) }
  }

  private mutating func compare(_ node: TreeNode, _ hash: TreeHash) throws(JournalError) {
    guard let stored, node.leaves.upperBound <= stored.size, finding == nil else { return }
    let key = TreeCodec.key(of: node)
    guard let value = try disk.metaEntry(key), try TreeCodec.decodeHash(value, key: key) == hash
    else {
      let first = Position(node.leaves.lowerBound + 1)
      finding = Finding(
        "the journal", at: first,
        "its tree over the events \(first) to \(node.leaves.upperBound) does not fit them")
      return
    }
  }

  /// What the journal as a whole is, against the checkpoint.
  func compareWithCheckpoint() -> Finding? {
    guard let checkpoint else { return nil }
    guard let root else {
      return Finding(
        "the journal", at: Position(range.size + 1),
        "it ends before that, but the checkpoint has \(checkpoint.size) events")
    }
    guard root != checkpoint.root else { return nil }
    return Finding(
      "the journal",
      "its first \(checkpoint.size) events are not those of the checkpoint: their root is "
        + "\(Base64.encode(root.bytes)), not \(Base64.encode(checkpoint.root.bytes))")
  }

  /// What can be told without reading events: that every part of the stored tree fits its checksum
  /// and none is missing, and that nothing else is in the table. Nil where no tree is stored.
  static func checkStored(_ disk: any JournalDisk) throws(JournalError) -> MountainRange? {
    var stored: MountainRange?
    var counts: [Int: UInt64] = [:]
    try disk.forEachMeta { key, value throws(JournalError) in
      if key == TreeCodec.peaksKey {
        stored = try TreeCodec.decodePeaks(value)
      } else if let node = TreeCodec.node(key) {
        _ = try TreeCodec.decodeHash(value, key: key)
        guard node.index == counts[node.height, default: 0] else {
          throw .damage(nil, "a node of its tree is missing")
        }
        counts[node.height] = node.index + 1
      } else if key != FormatEntry.key {
        throw .damage(nil, "its table meta holds what is not known")
      }
    }
    let size = stored?.size ?? 0
    for height in stride(from: TreeNode.storedEvery, to: 64, by: TreeNode.storedEvery)
    where counts[height, default: 0] != size >> UInt64(height) {
      throw .damage(nil, "its tree does not have the nodes of \(size) events")
    }
    // Afterwards, for a writer may have gone on between the two looks.
    let end = try disk.block(atOrBefore: Position(.max)).map { block throws(JournalError) in
      try BlockDecoder.header(of: block.bytes.span, key: block.first).last.raw
    }
    guard size <= end ?? 0 else {
      throw .damage(nil, "its tree is of \(size) events, but it ends at \(end ?? 0)")
    }
    return stored
  }
}
