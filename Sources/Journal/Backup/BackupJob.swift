package import Domain
internal import Glibc

/// What a backup is made of: a journal that this process writes, or one beside its writer.
package struct BackupSource {
  let log: CommittedLog
  /// Nil for simulation's.
  let directory: String?

  package init(_ journal: Journal) {
    log = journal.log
    directory = journal.directory
  }

  package init(_ reader: JournalReader) {
    log = reader.log
    directory = reader.directory
  }
}

/// What a backup did.
package struct BackupReport: Equatable, Sendable {
  /// Where the backup ends now.
  package var position: Position
  /// Added this time.
  package var events: UInt64
  package var bytes: UInt64
  /// Of the backup as it is now.
  package var bytesInAll: UInt64
  /// Nil without keys.
  package var keys: UInt64?
}

/// Brings a backup up to where the journal ends now, in steps: whoever serves meanwhile has its
/// turns between them.
///
/// The end is that of a transaction. Every block is checked before it is written: its link, its
/// events' checksums, its place in the tree. Until `finish` has returned, the backup is what it was
/// before. Holds one frame and one block in memory. Use from one thread at a time.
package final class BackupJob {
  /// Of blocks, copied by one step.
  private static let stepBytes = 2 << 20

  package let end: Position
  package let start: Position
  private let source: BackupSource
  private let directory: BackupDirectory
  private let hasKeys: Bool
  private let now: Instant
  private let limits: BackupLimits
  private let checker: ContentChecker
  private let hasher = TreeHasher()
  private var manifest: BackupManifest
  private var chain = ContentChecker.Chain()
  private var time: Instant
  private var segment: BackupFrameWriter?
  private var segmentFirst = Position.zero
  private var segmentBytes = 0
  private var written: UInt64 = 0

  /// Throws `BackupError` where the directory is no backup of this journal, `damaged` where its
  /// manifest is.
  package init(
    of source: BackupSource, in path: String, withKeys: Bool = true, now: Instant,
    limits: BackupLimits = BackupLimits()
  ) throws {
    if let data = source.directory { try WithoutText.refuse(data) }
    self.source = source
    self.limits = limits
    self.now = now
    hasKeys = withKeys
    directory = try BackupDirectory(path: path, source: source.directory)
    checker = ContentChecker(disk: source.log.disk)
    let head = try checker.head(checking: .tail)
    end = head.position
    try Self.sync(source)
    let created = try Self.created(source.log.disk)
    if let found = try directory.manifest() {
      manifest = found
    } else {
      manifest = BackupManifest(created: created, taken: now)
      try directory.write(manifest)
    }
    start = manifest.position
    time = manifest.segments.last?.time ?? Instant(ms: .min)
    chain.position = start
    chain.time = time
    for segment in manifest.segments {
      let path = path + "/" + segment.name
      guard let bytes = try? File(path, O_RDONLY | O_NOFOLLOW).status().length,
        bytes == segment.bytes
      else { throw BackupError.brokenSegment(path: path) }
    }
    if let last = manifest.segments.last {
      chain.hash = last.chain
      try BackupContinuity(source.log.disk, head: head).check(manifest, path: path)
    }
    try directory.removeUnnamed(by: manifest)
  }

  package var position: Position { chain.position }

  /// What a writer that syncs later has committed so far must not be lost after it was backed up.
  private static func sync(_ source: BackupSource) throws(JournalError) {
    guard let directory = source.directory else { return try source.log.disk.sync() }
    try File(directory + "/journal/data.mdb", O_RDONLY).sync()
  }

  private static func created(_ disk: any JournalDisk) throws(JournalError) -> Instant {
    try FormatEntry.of(disk)?.created ?? Instant(ms: 0)
  }

  /// Copies some blocks; false when there are none left.
  package func step() throws -> Bool {
    let begin = chain.bytes
    while chain.position < end, chain.bytes - begin < Self.stepBytes { try copyBlock() }
    return chain.position < end
  }

  private func copyBlock() throws {
    if segment == nil { try beginSegment() }
    guard let segment else { return }
    let isCopied = try checker.step(&chain) { block, header throws(JournalError) in
      try segment.item { $0.block(block) }
      let plain = try BlockPacking.plain(block, header)
      try copyRequests(plain.bytes, plain.header, into: segment)
      try manifest.tree.append(plain.bytes, plain.header, hasher) { _, _ in }
      if manifest.identity == nil { try note(plain.bytes, plain.header) }
      segmentBytes += block.count
    }
    guard isCopied else { throw JournalError.damage(chain.position.next, "its block is missing") }
    if segmentBytes >= limits.segmentBytesMax { try endSegment() }
  }

  private func note(_ block: [UInt8], _ header: BlockHeader) throws(JournalError) {
    try hasher.forEachLeaf(of: block.span, header, count: 1) { manifest.identity = $0 }
  }

  /// Checks the events of a block, and writes what their idempotency keys were answered with, as
  /// far as it is kept.
  private func copyRequests(
    _ block: [UInt8], _ header: BlockHeader, into segment: BackupFrameWriter
  ) throws(JournalError) {
    try BlockDecoder.forEachRecord(in: block, header) { stored throws(JournalError) in
      let record = stored.record
      guard record.time >= time else {
        throw .damage(record.position, "its time is before that of the event before")
      }
      time = record.time
      if case .user(.erased) = record.event, case .user(let user) = record.entity {
        manifest.note(Erasure(user: user, position: record.position))
      }
      if var request = try source.log.request(of: stored) {
        if try isErased(record.actor) {
          let answer = try RequestCodec.decode(request.value, key: request.key)
          request.value = RequestCodec.encode(answer.withoutArguments, key: request.key)
        }
        try segment.item { $0.request(request.key, request.value) }
      }
    }
  }

  private func isErased(_ user: UserID) throws(JournalError) -> Bool {
    try source.log.keys.key(of: user) == .destroyed
  }

  private func beginSegment() throws {
    guard manifest.segments.count < limits.segmentsMax else {
      throw BackupError.tooManySegments(path: directory.path, max: limits.segmentsMax)
    }
    segmentFirst = chain.position.next
    segmentBytes = 0
    segment = try BackupFrameWriter(
      directory: directory.path, name: BackupFormat.segmentName(segmentFirst),
      magic: BackupFormat.segmentMagic)
  }

  private func endSegment() throws(JournalError) {
    guard let segment else { return }
    let fileHash = try segment.finish()
    manifest.segments.append(
      .init(
        first: segmentFirst, last: chain.position, time: time, chain: chain.hash,
        root: manifest.tree.root(hasher), bytes: segment.bytes, fileHash: fileHash))
    written += segment.bytes
    self.segment = nil
  }

  /// Writes the keys and, when all is on the disk, the manifest. Once, after the last step.
  package func finish() throws -> BackupReport {
    precondition(chain.position == end, "a backup is finished when everything is copied")
    try endSegment()
    // After the blocks: the keys of all that they seal were there before them.
    try checkThatNoKeyIsLost()
    let generation = (manifest.keys?.generation ?? 0) + 1
    manifest.keys = try writeKeys(generation)
    manifest.taken = now
    written += manifest.keys?.bytes ?? 0
    try directory.write(manifest)
    try directory.removeUnnamed(by: manifest)
    return BackupReport(
      position: end, events: end.raw - start.raw, bytes: written, bytesInAll: manifest.bytes,
      keys: manifest.keys?.count)
  }

  /// All keys but those of erased people. Destroyed ones are noted among the erasures.
  /// The keys of before may be the last ones that there are: they are replaced only where the
  /// journal still has each of them, or its destruction.
  private func checkThatNoKeyIsLost() throws {
    guard hasKeys, let before = manifest.keys else { return }
    let erased = Set(manifest.erasures.map(\.user))
    var lost: [UserID] = []
    try before.forEach(in: directory.path) { user, key throws(JournalError) in
      switch try source.log.keys.key(of: user) {
      case .destroyed: return
      case .key(let now) where now == key: return
      case .key, .absent: if !erased.contains(user) { lost.append(user) }
      }
    }
    if let first = lost.first {
      throw BackupError.lostKeys(path: directory.path, count: lost.count, first: first)
    }
  }

  private func writeKeys(_ generation: UInt64) throws(JournalError) -> BackupManifest.Keys? {
    var known = Set(manifest.erasures.map(\.user))
    let name = BackupFormat.keysPrefix + String(generation)
    let file =
      hasKeys
      ? try BackupFrameWriter(
        directory: directory.path, name: name, magic: BackupFormat.keysMagic) : nil
    var count: UInt64 = 0
    try source.log.keys.forEach { user, lookup throws(JournalError) in
      switch lookup {
      case .destroyed:
        if known.insert(user).inserted {
          manifest.erasures.append(Erasure(user: user, position: nil))
        }
      case .key(let key):
        // Their key is destroyed right after the event that says so.
        if known.contains(user) { return }
        try file?.item { encoder in
          encoder.array(2)
          encoder.uint(user.raw)
          encoder.bytes(key)
        }
        count += 1
      case .absent: break
      }
    }
    guard let file else { return nil }
    let fileHash = try file.finish()
    return .init(generation: generation, count: count, bytes: file.bytes, fileHash: fileHash)
  }
}

extension BackupManifest {
  /// An erasure whose event is known takes the place of one that only the destroyed key told of.
  mutating func note(_ erasure: Erasure) {
    if let index = erasures.firstIndex(where: { $0.user == erasure.user }) {
      erasures[index] = erasure
    } else {
      erasures.append(erasure)
    }
  }
}

extension CommittedLog {
  /// The stored answer that hangs on this record: that of the last event of a request.
  func request(
    of stored: RecordCodec.Stored
  ) throws(JournalError) -> (key: [UInt8], value: [UInt8])? {
    guard let digest = stored.requestDigest else { return nil }
    let key = RequestCodec.key(
      day: RequestCodec.day(of: stored.record.time), user: stored.record.actor,
      digest: Array(digest))
    guard let value = try disk.request(key),
      try RequestCodec.decode(value, key: key).position == stored.record.position
    else { return nil }
    return (key, value)
  }
}

extension CBOREncoder {
  /// An item of a segment: a block as the journal has it.
  fileprivate mutating func block(_ block: [UInt8]) {
    array(1)
    bytes(block)
  }

  /// An item of a segment: an answered idempotency key.
  fileprivate mutating func request(_ key: [UInt8], _ value: [UInt8]) {
    array(2)
    bytes(key)
    bytes(value)
  }
}
