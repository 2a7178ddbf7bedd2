package import Domain

/// Checks everything that is stored, to the last byte that means something.
package struct JournalVerifier {
  /// Findings after this many are not looked for.
  package static let findingsMax = 64

  /// How far verification is.
  package struct Progress: Sendable {
    package var position: Position
    package var last: Position
    /// Of blocks.
    package var bytes: Int
  }

  /// What was found.
  package struct Report: Sendable {
    package var findings: [Finding] = []
    /// Whose text is gone although the journal does not say that they asked for it.
    package var destroyedWithoutErasure: [UserID] = []
  }

  private let log: CommittedLog

  package init(_ reader: JournalReader) { log = reader.log }

  package init(_ journal: Journal) { log = journal.log }

  /// Structure of both files, then the content; nothing found is nothing wrong. Opens the
  /// directory for reading itself, so that damage which keeps it from opening is a finding too.
  /// Throws what is not damage: a missing directory, another version.
  package static func verify(
    directory: String, extending checkpoint: Checkpoint? = nil,
    progress: (Progress) -> Void = { _ in }
  ) throws(JournalError) -> [Finding] {
    do throws(JournalError) {
      let reader = try JournalReader(directory: directory)
      return try JournalVerifier(reader).verify(
        extending: checkpoint, progress: progress)
    } catch {
      if case .damaged(let finding) = error { return [finding] }
      throw error
    }
  }

  /// Every block's hash, link and density, every record's checksum and encoding, every request and
  /// key, the stored tree against one that is built anew. With a checkpoint also that the journal
  /// begins with what the checkpoint was signed over. Throws what `progress` throws, which is how
  /// to end it early.
  package func verify(
    extending checkpoint: Checkpoint? = nil,
    progress: (Progress) throws(JournalError) -> Void = { _ in }
  ) throws(JournalError) -> [Finding] {
    try report(extending: checkpoint, unsealing: false, progress: progress).findings
  }

  /// The same, if `unsealing` also that every sealed text can be read with the key of its author.
  ///
  /// After a block that does not fit, goes on with the next, as far as there is a way. Memory: one
  /// block, the tree's peaks, and the people whose keys are destroyed.
  package func report(
    extending checkpoint: Checkpoint? = nil, unsealing: Bool,
    progress: (Progress) throws(JournalError) -> Void = { _ in }
  ) throws(JournalError) -> Report {
    var findings: [Finding] = []
    var audit = try TreeAudit(disk: log.disk, checkpoint: checkpoint)
    var requests = RequestAudit(log)
    var seals = SealAudit(log)
    try followChain(&findings, progress) { stored, header throws(JournalError) in
      try requests.add(stored)
      if unsealing { try seals.add(stored, in: header) }
    } block: { block, header throws(JournalError) in
      try audit.add(block, header)
    }
    if findings.isEmpty {
      try requests.finish()
      try requests.checkEntries()
      findings += requests.findings + seals.findings
    } else if let finding = try finding({ () throws(JournalError) in
      try ContentChecker(disk: log.disk).checkRequests()
    }) {
      findings.append(finding)
    }
    if let finding = try finding({ () throws(JournalError) in try log.keys.check() }) {
      findings.append(finding)
    }
    if findings.isEmpty {
      findings += [audit.finding, audit.compareWithCheckpoint()].compactMap { $0 }
    } else if let finding = audit.finding {
      findings.append(finding)
    }
    return Report(
      findings: findings, destroyedWithoutErasure: seals.destroyedWithoutErasure)
  }

  /// Calls `record` and then `block`, which gets a plain one, for what is in order, up to the first
  /// finding.
  private func followChain(
    _ findings: inout [Finding], _ progress: (Progress) throws(JournalError) -> Void,
    record: (RecordCodec.Stored, BlockHeader) throws(JournalError) -> Void,
    block body: ([UInt8], BlockHeader) throws(JournalError) -> Void
  ) throws(JournalError) {
    let checker = ContentChecker(disk: log.disk)
    let last = try log.disk.withBlock(atOrBefore: Position(.max)) { first, _ in Position(first) }
    var chain = ContentChecker.Chain()
    var goesOn = true
    while goesOn, findings.count < Self.findingsMax {
      do throws(JournalError) {
        let isInOrder = findings.isEmpty
        goesOn = try checker.step(&chain) { stored, header throws(JournalError) in
          let (block, header) = try BlockPacking.plain(stored, header)
          guard isInOrder else { return try checkRecords(block, header) }
          try checkRecords(block, header) { stored throws(JournalError) in
            try record(stored, header)
          }
          try body(block, header)
        }
        try progress(.init(position: chain.position, last: last ?? .zero, bytes: chain.bytes))
      } catch {
        guard case .damaged(let finding) = error else { throw error }
        findings.append(finding)
        goesOn = try passOver(&chain)
      }
    }
  }

  private func finding(
    _ check: () throws(JournalError) -> Void
  ) throws(JournalError) -> Finding? {
    do throws(JournalError) {
      try check()
      return nil
    } catch {
      guard case .damaged(let finding) = error else { throw error }
      return finding
    }
  }

  private func checkRecords(
    _ block: [UInt8], _ header: BlockHeader,
    _ body: (RecordCodec.Stored) throws(JournalError) -> Void = { _ in }
  ) throws(JournalError) {
    var time = header.baseTime
    try BlockDecoder.forEachRecord(in: block, header) { stored throws(JournalError) in
      guard stored.record.time >= time else {
        throw .damage(stored.record.position, "its time is before that of the event before")
      }
      time = stored.record.time
      try body(stored)
    }
  }

  /// Goes past a damaged block, trusting what it says about its extent; false if there is no way.
  private func passOver(_ chain: inout ContentChecker.Chain) throws(JournalError) -> Bool {
    let next = chain.position.next
    guard let (first, bytes) = try log.disk.block(atOrBefore: next), first == next.raw,
      let header = try? BlockHeader.read(bytes)
    else { return false }
    chain.position = header.last
    chain.hash = Array(BlockDecoder.hash(of: bytes))
    chain.time = header.baseTime
    return true
  }
}
