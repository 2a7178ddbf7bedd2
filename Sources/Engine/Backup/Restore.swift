package import Domain
internal import Entities
package import Journal
internal import Projections

/// Makes a data directory from a backup: as of its end, or as of any earlier position or moment.
package struct Restore {
  package struct Options: Sendable {
    package var backup: String
    package var limit = BackupReader.Limit.end
    /// A data directory, a backup or a list that knows who was erased.
    package var erasures: [String] = []
    /// A data directory or a backup that has the keys.
    package var keys: String?
    /// Nobody's text, for audits.
    package var isWithoutText = false
    /// Leaves out the reading back and the snapshot.
    package var isQuick = false
    /// The text of a new token for the operator's account.
    package var adminToken: String?

    package init(backup: String) { self.backup = backup }
  }

  package struct Report: Sendable {
    /// Restored from the backup.
    package var position: Position
    /// Of the last event; nil where there is none.
    package var time: Instant?
    package var root: TreeHash
    /// Of people whose text is gone.
    package var erased: Int
    /// Written after `position`, so that the erased are erased.
    package var appended: UInt64
    /// Whether a token was issued, by one event more.
    package var hasAdminToken = false
    /// Of everything, at the end; nil where it was quick and nothing had to be folded.
    package var digests: StateDigests?
  }

  private let options: Options
  private let reader: BackupReader
  private let keys: BackupReader.KeySource
  private let erased: Set<UserID>
  private let progress: ProgressReport?

  private init(_ options: Options, _ progress: ProgressReport?) throws {
    self.options = options
    self.progress = progress
    reader = try BackupReader(directory: options.backup)
    var erased = Set(reader.manifest.erasures.map(\.user))
    for path in options.erasures {
      for erasure in try Erasures.read(path, for: reader.manifest, progress) {
        erased.insert(erasure.user)
      }
    }
    if let path = options.keys, FileSizes.exists(path + "/journal") {
      try WithoutText.refuse(path)
      // Also what that knows of erasures.
      let journal = try JournalReader(directory: path)
      keys = .journal(journal)
      erased.formUnion(try journal.erasures().map(\.user))
    } else if let path = options.keys {
      let other = try BackupReader(directory: path)
      keys = .backup(other)
      erased.formUnion(other.manifest.erasures.map(\.user))
    } else if options.isWithoutText {
      keys = .nowhere
    } else {
      keys = .own
      if reader.manifest.keys == nil { throw BackupError.noKeys(path: options.backup) }
    }
    self.erased = erased
  }

  /// Reads everything up to the limit and checks it, keys too where there are any; writes nothing.
  package static func check(
    _ options: Options, progress: ProgressReport? = nil
  ) throws -> Position {
    var options = options
    if try options.keys == nil && BackupReader(directory: options.backup).manifest.keys == nil {
      options.isWithoutText = true
    }
    let restore = try Restore(options, progress)
    try restore.read(into: nil)
    return restore.reader.position
  }

  /// The directory is there when it is whole: checked, durable, who is known to be erased erased.
  ///
  /// Throws `BackupError`, and `JournalError.damaged` with the first position that cannot be
  /// trusted; nothing is there then.
  package static func run(
    _ options: Options, into directory: String, clock: any Clock, random: any RandomSource,
    progress: ProgressReport? = nil
  ) throws -> Report {
    let restore = try Restore(options, progress)
    let staged = try StagedDirectory(directory)
    let builder = try JournalBuilder(
      directory: staged.path, created: restore.reader.manifest.created)
    try restore.read(into: builder)
    var report = Report(
      position: builder.position,
      time: builder.position == .zero ? nil : builder.time, root: builder.root,
      erased: restore.erased.count, appended: 0)
    try builder.finish()
    if options.isWithoutText { try WithoutText.mark(staged.path) }
    try restore.complete(staged.path, clock, random, &report)
    try staged.finish()
    return report
  }

  private func read(into builder: JournalBuilder?) throws {
    let total = reader.manifest.position.raw
    let isForgotten = { [isWithoutText = options.isWithoutText, erased] user in
      isWithoutText || erased.contains(user)
    }
    try reader.read(through: options.limit, into: builder, isForgotten: isForgotten) { position in
      progress?(
        Progress(
          title: builder == nil ? "checking" : "restoring", done: position.raw, total: total,
          unit: "records"))
    }
    try reader.restoreKeys(from: keys, erased: erased, into: builder)
  }

  /// Opens what was written as a server would, folds it, erases who is to be, takes a snapshot.
  private func complete(
    _ directory: String, _ clock: any Clock, _ random: any RandomSource, _ report: inout Report
  ) throws {
    if options.isQuick, options.adminToken == nil, !mayNeedErasing(report.position) { return }
    let now = SetClock(max(clock.now, report.time ?? clock.now))
    let journal = try Journal.open(
      directory: directory, clock: now, random: random,
      contentCheck: options.isQuick ? .tail : .full)
    defer { journal.drainAndStop() }
    var refold = Refold()
    try refold.run(journal, title: "folding", report: progress)
    var engine = OfflineEngine(resuming: refold, journal: journal, clock: now)
    refold = Refold()
    report.appended = try engine.erase(erased)
    report.hasAdminToken = try issueToken(engine: &engine, directory)
    if !options.isQuick {
      _ = try engine.state.writeSnapshot(
        into: try SnapshotStore(directory: directory), of: journal, at: now.now)
    }
    report.digests = engine.state.digests()
  }

  /// False where none was asked for, and where there is no account yet: the first start makes it.
  private func issueToken(engine: inout OfflineEngine, _ directory: String) throws -> Bool {
    guard let text = options.adminToken,
      engine.state.entities.users[.system]?.state.isSignedUp == true
    else { return false }
    let command = UserCommand.issueToken(
      TokenID(engine.ids.next()), scope: .admin, expires: nil, hash: blake2b256(Array(text.utf8)),
      secret: Secret([.label: "restored"]), granted: .admin)
    _ = try engine.perform(command, by: .system)
    try engine.commit()
    let file = try OutputFile(path: directory + "/admin.token", isCompressed: false)
    try file.write(text + "\n")
    try file.finish()
    return true
  }

  /// Whether somebody was erased after what is restored.
  private func mayNeedErasing(_ end: Position) -> Bool {
    let before = reader.manifest.erasures.filter { $0.position.map { $0 <= end } ?? false }
    return !erased.subtracting(before.map(\.user)).isEmpty
  }
}

extension OfflineEngine {
  /// Erases those of these people who are there and not erased: they leave their groups first, as
  /// with ERASE. How many events that took.
  fileprivate mutating func erase(_ erased: Set<UserID>) throws -> UInt64 {
    let before = journal.enqueued.raw
    let present = erased.sorted().filter { id in
      guard let user = state.entities.users[id]?.state else { return false }
      return user.own.username != nil && !user.own.isErased
    }
    let leaving = Set(present)
    if leaving.isEmpty { return 0 }
    for (id, chat) in state.entities.chats.sorted(by: { $0.key < $1.key }) {
      guard !chat.state.isDirect else { continue }
      for member in chat.state.members where leaving.contains(member.user) {
        _ = try perform(.leave, on: id, by: member.user)
      }
    }
    for user in present { _ = try perform(.erase, by: user) }
    try commit()
    return journal.durable.raw - before
  }
}
