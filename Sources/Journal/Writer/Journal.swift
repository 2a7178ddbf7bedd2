package import Domain
internal import Synchronization

/// The one order of everything that happened, durable.
///
/// `enqueue` gives events their positions at once; a single writer commits them in transactions and
/// publishes how far they are durable. After a failed write nothing is written any more, and
/// `onFatal` is told.
package final class Journal: Sendable {
  let limits: JournalLimits
  package let durability: Durability
  let secrets = SecretCache()
  let clock: any Clock
  let random: any RandomSource
  let log: CommittedLog
  let tail: JournalTail
  let queue: Mutex<JournalQueue>
  let bell = Bell()
  package let meter = JournalMeter()
  let writer: Mutex<WriterState>
  let onFatal: @Sendable (JournalError) -> Void
  /// Whether it is read as it was, and never written.
  package let isPast: Bool
  let uncheckedContent: DeferredCheck?
  private let lock: Mutex<DirectoryLock?>
  private let enqueuedPosition: Atomic<UInt64>
  private let currentHead: Mutex<JournalHead>
  private let wakes = Mutex<[@Sendable (Position) -> Void]>([])
  let forgetters = Mutex<[@Sendable () -> Void]>([])
  private let summons = Mutex(Summons())

  /// A struct, because a closure that is a generic type's own value is wrapped anew at every
  /// access, and the wrappings pile up.
  private struct Summons: Sendable {
    var summon: @Sendable () -> Bool = { false }
  }

  /// What only the writer changes.
  struct WriterState {
    var hash: [UInt8]
    var tree: MountainRange
    /// For the next transaction: of events that were written without a tree.
    var unwrittenNodes: [(node: TreeNode, hash: TreeHash)]
    /// For the next transaction, if an older program made the journal: from then on it may hold
    /// what that one cannot read.
    var raisedFormat: FormatEntry?
    var failure: JournalError?
    var hasUnsynced = false
    var syncedAtMs = 0
    var thread: WriterThread?
    var isClosed = false
  }

  /// A journal on any disk. Reads what is stored: to the extent of `contentCheck`, and never less
  /// than the last block. `onFatal` is called after a failed write; the default prints one sentence
  /// and ends the process.
  package convenience init(
    disk: any JournalDisk, keys: any KeyStore, clock: any Clock, random: any RandomSource,
    durability: Durability = .always, limits: JournalLimits = JournalLimits(),
    contentCheck: ContentCheck = .full,
    onFatal: @escaping @Sendable (JournalError) -> Void = Journal.endProcess
  ) throws(JournalError) {
    try self.init(
      disk: disk, keys: keys, lock: nil, clock: clock, random: random, durability: durability,
      limits: limits, contentCheck: contentCheck, onFatal: onFatal)
  }

  init(
    disk: any JournalDisk, keys: any KeyStore, lock: DirectoryLock?, clock: any Clock,
    random: any RandomSource, durability: Durability, limits: JournalLimits,
    contentCheck: ContentCheck, onFatal: @escaping @Sendable (JournalError) -> Void
  ) throws(JournalError) {
    let head = try ContentChecker(disk: disk).head(checking: contentCheck)
    let tree = try JournalTree(disk: disk, end: head.position)
    var format = try FormatEntry.of(disk)
    if format?.version == JournalFormat.version { format = nil }
    format?.version = JournalFormat.version
    self.limits = limits
    self.durability = durability
    self.clock = clock
    self.random = random
    self.onFatal = onFatal
    isPast = false
    uncheckedContent =
      if case .upTo = contentCheck {
        DeferredCheck(disk: disk, keys: keys, end: head.position)
      } else {
        nil
      }
    self.lock = Mutex(lock)
    tail = JournalTail(eventsMax: limits.tailEventsMax)
    log = CommittedLog(disk: disk, keys: keys, tail: tail, durable: head.position)
    queue = Mutex(JournalQueue(after: head))
    writer = Mutex(
      WriterState(
        hash: head.hash, tree: tree.range, unwrittenNodes: tree.unwritten, raisedFormat: format))
    enqueuedPosition = Atomic(head.position.raw)
    currentHead = Mutex(head)
  }

  /// The data directory; nil for a journal on another disk, and once it is closed.
  package var directory: String? { lock.withLock { $0?.directory } }

  /// What a log holds, as the journal that it was; see `past(of:clock:random:)`.
  init(reading log: CommittedLog, clock: any Clock, random: any RandomSource) {
    limits = JournalLimits()
    durability = .always
    self.clock = clock
    self.random = random
    self.log = log
    onFatal = Self.endProcess
    lock = Mutex(nil)
    isPast = true
    uncheckedContent = nil
    tail = JournalTail(eventsMax: 0)
    var queue = JournalQueue(after: .empty)
    queue.isStopping = true
    self.queue = Mutex(queue)
    var state = WriterState(hash: [], tree: MountainRange(), unwrittenNodes: [])
    state.isClosed = true
    writer = Mutex(state)
    enqueuedPosition = Atomic(0)
    currentHead = Mutex(.empty)
  }

  /// The newest position given out.
  package var enqueued: Position { Position(enqueuedPosition.load(ordering: .acquiring)) }

  /// The newest position that survives what `Durability` says.
  package var durable: Position { Position(log.durable.load(ordering: .acquiring)) }

  /// Of what is durable.
  package var head: JournalHead { currentHead.withLock { $0 } }

  /// Registers to be told of every new durable position, on the writer's thread. Before the writer
  /// starts.
  package func onDurable(_ wake: @escaping @Sendable (Position) -> Void) {
    wakes.withLock { $0.append(wake) }
  }

  /// Registers whoever keeps text that was unsealed here: to be told of every key that is
  /// destroyed, before `destroyKey` returns.
  package func onKeyDestroyed(_ forget: @escaping @Sendable () -> Void) {
    forgetters.withLock { $0.append(forget) }
  }

  /// Registers who calls the writer where several entries come together: `summon` answers whether
  /// it will call `wakeWriter` in a moment, on the thread that enqueues. Before the writer starts.
  package func onEnqueued(_ summon: @escaping @Sendable () -> Bool) {
    summons.withLock { $0 = Summons(summon: summon) }
  }

  /// Has the writer look at what is queued.
  package func wakeWriter() { bell.ring() }

  /// After `new` events were queued, `waiting` with those before them. The first need not start a
  /// transaction of its own where more are on their way, but a writer with a transaction's worth to
  /// do need not wait; for the others somebody has called already.
  func announce(_ new: Int, waiting: Int) {
    if waiting >= Self.announcedAtOnceMin {
      if waiting - new < Self.announcedAtOnceMin { bell.ring() }
    } else if waiting == new {
      if !summons.withLock({ $0 }).summon() { bell.ring() }
    }
  }

  /// Events that are worth a transaction, while more are on their way.
  static let announcedAtOnceMin = 64

  // MARK: Reading

  /// Reads on from a position.
  package func cursor(after position: Position) -> JournalCursor {
    JournalCursor(log, after: position)
  }

  /// The record at a durable position; nil beyond the end.
  package func record(at position: Position) throws(JournalError) -> Record? {
    try log.record(at: position)
  }

  /// The personal text at a position given out by `enqueue`, durable yet or not. From any thread.
  package func secret(at position: Position) throws(JournalError) -> SecretReading {
    try secret(at: position, by: nil)
  }

  /// The same, quicker if the text is by `author`.
  package func secret(
    at position: Position, by author: UserID?
  ) throws(JournalError) -> SecretReading {
    if position > durable, let found = queue.withLock({ $0.pending(at: position) }) {
      return found.pending.drafts[found.index].secret.map { .text($0) } ?? .none
    }
    if let secret = secrets.secret(at: position) { return .text(secret) }
    let epoch = secrets.epoch
    let reading = try log.secret(at: position, by: author)
    if case .text(let secret) = reading { secrets.add(secret, at: position, since: epoch) }
    return reading
  }

  // MARK: Publishing

  func setEnqueued(_ position: Position) {
    enqueuedPosition.store(position.raw, ordering: .releasing)
  }

  /// Of a journal that is read as it was: it ends here from now on.
  func stand(at head: JournalHead) {
    currentHead.withLock { $0 = head }
    log.durable.store(head.position.raw, ordering: .releasing)
    setEnqueued(head.position)
  }

  /// Makes committed records visible: first to cursors, then to everybody.
  func publish(_ records: [Record], _ head: JournalHead) {
    tail.append(records)
    currentHead.withLock { $0 = head }
    log.durable.store(head.position.raw, ordering: .releasing)
    let settled = queue.withLock { $0.settle() }
    for wake in wakes.withLock({ $0 }) { wake(head.position) }
    _ = consume settled
  }

  /// Ends the use of the directory.
  func closeStorage() {
    log.disk.close()
    log.keys.close()
    lock.withLock { $0 = nil }
  }
}
