package import Domain
internal import Glibc

/// Reads a backup through, checks all of it on the way, and makes a journal of it.
///
/// What it finds wrong it throws as `damaged`, with the first position that cannot be trusted. Use
/// from one thread.
package final class BackupReader {
  /// Where a restored journal ends.
  package enum Limit: Hashable, Sendable {
    case end
    case position(Position)
    /// After the last event of this moment.
    case time(Instant)
  }

  package let directory: String
  package let manifest: BackupManifest
  private let lock: File?
  private let hasher = TreeHasher()
  private var chain = ContentChecker.Chain()
  private var time = Instant(ms: .min)
  private var isAtLimit = false
  private var requests = RequestRuns()
  private var isForgotten: (UserID) -> Bool = { _ in false }
  /// Whoever wrote text up to there, with where they first did and how that can be tried out.
  private var writers: [UserID: Sample] = [:]

  private struct Sample {
    var position: Position
    var sealed: [UInt8]
    var nonce: [UInt8]
  }

  package init(directory: String) throws {
    guard FileSystem.exists(directory + "/" + BackupFormat.manifestName) else {
      guard FileSystem.exists(directory) else { throw JournalError.missing(path: directory) }
      throw BackupError.noBackup(path: directory)
    }
    self.directory = directory
    lock = try BackupDirectory.lockForReading(directory)
    manifest = try BackupManifest.read(directory)
  }

  /// How far `read` has come.
  package var position: Position { chain.position }

  /// Checks everything up to the limit; where there is a builder, it gets it, with the answers to
  /// requests: those of people whom `isForgotten` names without what was asked.
  package func read(
    through limit: Limit = .end, into builder: JournalBuilder?,
    isForgotten: @escaping (UserID) -> Bool = { _ in false },
    progress: (Position) -> Void = { _ in }
  ) throws {
    if case .position(let position) = limit, position > manifest.position {
      throw BackupError.beyondEnd(position, end: manifest.position)
    }
    self.isForgotten = isForgotten
    requests = RequestRuns(since: firstKeptDay(limit))
    var tree = MountainRange()
    for segment in manifest.segments where !isAtLimit && !isReached(limit) {
      try damageIsAt(segment) { () throws(JournalError) in
        try read(segment, limit, builder, &tree, progress)
      }
    }
    requests.close()
    builder?.add(requests.missing())
    guard !isAtLimit, chain.position == manifest.position else { return }
    guard tree == manifest.tree else {
      throw damage("its events are not those of the manifest's tree", at: nil)
    }
  }

  /// Requests of earlier days are not looked for in what ends at the limit.
  private func firstKeptDay(_ limit: Limit) -> Int64 {
    let last = manifest.segments.last { segment in
      switch limit {
      case .end: true
      case .position(let position): segment.last <= position
      case .time(let moment): segment.time <= moment
      }
    }
    return last.map { RequestCodec.day(of: $0.time) - RequestCodec.daysKept } ?? 0
  }

  private func isReached(_ limit: Limit) -> Bool {
    if case .position(let position) = limit { chain.position >= position } else { false }
  }

  private func read(
    _ segment: BackupManifest.Segment, _ limit: Limit, _ builder: JournalBuilder?,
    _ tree: inout MountainRange, _ progress: (Position) -> Void
  ) throws(JournalError) {
    let reader = try BackupFrameReader(
      directory: directory, name: segment.name, magic: BackupFormat.segmentMagic)
    var pending: Pending?
    while let frame = try reader.nextFrame() {
      var decoder = CBORDecoder(frame)
      while !decoder.isAtEnd {
        switch try BackupItem.read(&decoder, reader) {
        case .block(let block):
          try pass(&pending, to: builder)
          // Also after a cut: the requests of a block follow it.
          if isAtLimit { return }
          pending = try check(block, limit, &tree)
          progress(chain.position)
        case .request(let key, let value):
          let request = try RequestCodec.decode(value, key: key)
          guard request.position <= chain.position else { continue }
          requests.answered(key)
          let isForgotten = isForgotten(RequestCodec.user(of: key))
          pending?.requests.append(
            (key, isForgotten ? RequestCodec.encode(request.withoutArguments, key: key) : value))
        }
      }
    }
    try pass(&pending, to: builder)
    if isAtLimit { return }
    try reader.finish(expecting: segment.fileHash)
    guard chain.position == segment.last, chain.hash == segment.chain,
      tree.root(hasher) == segment.root
    else { throw damage("\(segment.name) does not end as the manifest says", at: chain.position) }
  }

  /// A block with the requests that follow it.
  private struct Pending {
    var block: Block
    var time: Instant
    var requests: [(key: [UInt8], value: [UInt8])] = []
  }

  private func pass(_ pending: inout Pending?, to builder: JournalBuilder?) throws(JournalError) {
    guard let block = pending else { return }
    pending = nil
    try builder?.append(
      block.block, endingAt: block.time, requests: block.requests + requests.missing())
  }

  /// A block's link and its events, cut where the limit is; nil if it begins after that.
  private func check(
    _ block: [UInt8], _ limit: Limit, _ tree: inout MountainRange
  ) throws(JournalError) -> Pending? {
    let next = chain.position.next
    let header = try BlockDecoder.header(of: block.span, key: next.raw)
    let hash = BlockDecoder.link(of: block, after: chain.hash)
    guard hash.elementsEqual(BlockDecoder.hash(of: block)) else {
      throw damage("the hash of a block does not fit", at: next)
    }
    let plain = try BlockPacking.plain(block, header)
    var kept = 0
    try BlockDecoder.forEachRecord(in: plain.bytes, plain.header) { stored throws(JournalError) in
      guard stored.record.time >= time else {
        throw damage("a time is before that of the event before", at: stored.record.position)
      }
      switch limit {
      case .end: break
      case .position(let position): if stored.record.position > position { return }
      case .time(let moment): if stored.record.time > moment { return }
      }
      kept += 1
      time = stored.record.time
      if let digest = stored.requestDigest {
        requests.add(stored.record, digest: digest)
      } else {
        requests.close()
      }
      note(stored, in: header)
    }
    if kept < header.count { isAtLimit = true }
    guard kept > 0 else { return nil }
    var whole = Block(bytes: block, plain: plain.bytes, header: plain.header)
    if kept < header.count {
      whole = try BlockCut.cut(whole, to: kept, previousHash: chain.hash)
    }
    try tree.append(whole.plain, whole.header, hasher) { _, _ in }
    chain.position = whole.header.last
    chain.hash = Array(BlockDecoder.hash(of: whole.bytes))
    return Pending(block: whole, time: time)
  }

  private func note(_ stored: RecordCodec.Stored, in header: BlockHeader) {
    guard let sealed = stored.sealed, writers[stored.record.actor] == nil, !header.salt.isEmpty
    else { return }
    let index = Int(stored.record.position.raw - header.first.raw)
    writers[stored.record.actor] = Sample(
      position: stored.record.position, sealed: Array(sealed),
      nonce: Sealer.nonce(salt: header.salt, index: index))
  }

  // MARK: Keys

  /// The backup's own keys; `body` gets them in ascending order.
  package func forEachKey(
    _ body: (UserID, [UInt8]) throws(JournalError) -> Void
  ) throws {
    guard let keys = manifest.keys else { throw BackupError.noKeys(path: directory) }
    try keys.forEach(in: directory, body)
  }

  /// Where the keys of a restored journal come from.
  package enum KeySource {
    case own
    case backup(BackupReader)
    case journal(JournalReader)
    /// All count as destroyed: their text can't be read, and what they write afterwards neither.
    case nowhere
  }

  /// Puts the keys of all who wrote text into the new directory, after `read`; of the erased, that
  /// theirs is destroyed. Tries each key on a text that it must open.
  ///
  /// Throws `damaged` where a key does not fit, `missingKeys` where some are not there.
  package func restoreKeys(
    from source: KeySource, erased: Set<UserID>, into builder: JournalBuilder?
  ) throws {
    let keys = try keys(of: source)
    var missing: [UserID] = []
    for user in Set(writers.keys).union(erased).sorted() {
      if erased.contains(user) || keys == nil {
        try builder?.add(user, .destroyed)
      } else if let key = keys?[user] {
        if let sample = writers[user] { try check(key, of: user, on: sample) }
        try builder?.add(user, .key(key))
      } else {
        missing.append(user)
      }
    }
    if let first = missing.first, let sample = writers[first] {
      throw BackupError.missingKeys(count: missing.count, first: first, sample.position)
    }
  }

  /// Of those who wrote text; nil from nowhere.
  private func keys(of source: KeySource) throws -> [UserID: [UInt8]]? {
    var keys: [UserID: [UInt8]] = [:]
    func take(_ user: UserID, _ key: [UInt8]) { if writers[user] != nil { keys[user] = key } }
    switch source {
    case .own: try forEachKey(take)
    case .backup(let other): try other.forEachKey(take)
    case .journal(let reader):
      try reader.log.keys.forEach { user, lookup throws(JournalError) in
        if case .key(let key) = lookup { take(user, key) }
      }
    case .nowhere: return nil
    }
    return keys
  }

  private func check(_ key: [UInt8], of user: UserID, on sample: Sample) throws(JournalError) {
    let sealer = Sealer(key: key, position: sample.position, actor: user)
    guard sealer.open(sample.sealed[...], nonce: sample.nonce) != nil else {
      throw damage("the key of user:\(user) does not open their text", at: sample.position)
    }
  }

  // MARK: What is wrong

  private func damage(_ problem: String, at position: Position?) -> JournalError {
    .damaged(Finding("the backup \(directory)", at: position, problem))
  }

  /// Damage of a segment's file, which knows no positions, or of a block: of the backup, from there
  /// on. Where all its events were read before, from its last.
  private func damageIsAt(
    _ segment: BackupManifest.Segment, _ body: () throws(JournalError) -> Void
  ) throws(JournalError) {
    do throws(JournalError) {
      try body()
    } catch {
      guard case .damaged(let finding) = error else { throw error }
      throw damage(
        finding.position == nil ? "\(finding.what): \(finding.problem)" : finding.problem,
        at: finding.position ?? min(chain.position.next, segment.last))
    }
  }
}
