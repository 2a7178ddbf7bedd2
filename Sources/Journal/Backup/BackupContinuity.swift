internal import Domain

/// Whether a journal goes on from where a backup of it ends; if not, from where on it is another.
struct BackupContinuity {
  private let disk: any JournalDisk
  private let head: JournalHead

  init(_ disk: any JournalDisk, head: JournalHead) {
    self.disk = disk
    self.head = head
  }

  /// Looks at one block where all is well.
  func check(_ manifest: BackupManifest, path: String) throws {
    guard let last = manifest.segments.last else { return }
    if head.position >= last.last, try endsWith(last.chain, at: last.last) { return }
    guard try identity() == manifest.identity else { throw BackupError.otherJournal(path: path) }
    let tree = try JournalTree(disk: disk, end: head.position)
    for segment in manifest.segments {
      let end = min(segment.last, tree.end)
      if end == segment.last, try tree.root(at: end) == segment.root { continue }
      if let position = try firstDifference(in: segment, through: end, path: path) {
        throw BackupError.rewritten(from: position, backup: manifest.position)
      }
      if end < segment.last { break }
    }
    if head.position < last.last {
      throw BackupError.setBack(journal: head.position, backup: last.last)
    }
    throw BackupError.rewritten(from: last.last, backup: manifest.position)
  }

  private func endsWith(_ hash: [UInt8], at position: Position) throws(JournalError) -> Bool {
    guard let (first, bytes) = try disk.block(atOrBefore: position) else { return false }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    return header.last == position && hash.elementsEqual(BlockDecoder.hash(of: bytes))
  }

  private func identity() throws(JournalError) -> TreeHash? {
    guard let (first, bytes) = try disk.block(atOrBefore: Position(1)) else { return nil }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    let plain = try BlockPacking.plain(bytes, header)
    var leaf: TreeHash?
    try TreeHasher().forEachLeaf(of: plain.bytes.span, plain.header, count: 1) { leaf = $0 }
    return leaf
  }

  /// The first event of a segment that is another in the journal; nil if there is none up to `end`.
  private func firstDifference(
    in segment: BackupManifest.Segment, through end: Position, path: String
  ) throws(JournalError) -> Position? {
    let reader = try BackupFrameReader(
      directory: path, name: segment.name, magic: BackupFormat.segmentMagic)
    var own = JournalLeaves(disk: disk)
    var found: Position?
    let hasher = TreeHasher()
    try reader.forEachItem { decoder throws(JournalError) in
      guard let block = try BackupItem.read(&decoder, reader).block, found == nil else { return }
      guard let header = try? BlockHeader.read(block),
        let plain = try? BlockPacking.plain(block, header)
      else { return }
      var position = header.first
      try hasher.forEachLeaf(of: plain.bytes.span, plain.header) { leaf throws(JournalError) in
        if found == nil, position <= end, try own.leaf(at: position) != leaf { found = position }
        position = position.next
      }
    }
    return found
  }
}

/// The leaves of a journal, asked for in order: reads each block once.
private struct JournalLeaves {
  let disk: any JournalDisk
  private var first = Position.zero
  private var leaves: [TreeHash] = []
  private let hasher = TreeHasher()

  init(disk: any JournalDisk) { self.disk = disk }

  mutating func leaf(at position: Position) throws(JournalError) -> TreeHash? {
    if position < first || position.raw >= first.raw + UInt64(leaves.count) {
      guard let (key, bytes) = try disk.block(atOrBefore: position) else { return nil }
      let header = try BlockDecoder.header(of: bytes.span, key: key)
      let plain = try BlockPacking.plain(bytes, header)
      leaves = []
      first = header.first
      try hasher.forEachLeaf(of: plain.bytes.span, plain.header) { leaves.append($0) }
    }
    let index = Int(position.raw - first.raw)
    return index < leaves.count ? leaves[index] : nil
  }
}

/// One thing that a segment holds.
enum BackupItem {
  case block([UInt8])
  case request(key: [UInt8], value: [UInt8])

  var block: [UInt8]? { if case .block(let bytes) = self { bytes } else { nil } }

  static func read(
    _ decoder: inout CBORDecoder, _ reader: BackupFrameReader
  ) throws(JournalError) -> BackupItem {
    do throws(CBORError) {
      switch try decoder.array() {
      case 1: return .block(Array(try decoder.bytes()))
      case 2:
        let key = Array(try decoder.bytes())
        return .request(key: key, value: Array(try decoder.bytes()))
      default: throw .invalidValue
      }
    } catch {
      throw reader.damage("an item in it cannot be read (\(error))")
    }
  }
}
