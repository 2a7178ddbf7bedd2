package import Domain
package import Journal
private import Synchronization

/// What a shard's projections and its live subscribers do with committed events.
package protocol CommittedEventSink: Sendable {
  /// Folds the next records, in position order. Throws if they are not the next ones.
  func fold(_ records: [Record]) async throws
}

/// One shard's place in the journal: reads committed events in position order and delivers them to
/// the projections, to the entities that they concern and to live subscribers.
///
/// The one read path: start-up, catch-up and live are this loop over one cursor.
package actor CommittedFold {
  /// Records folded before other work of the shard gets its turn.
  package static let sliceRecordsMax = 512

  private let executor: any SerialExecutor & TaskExecutor
  private nonisolated let foldedRaw = Atomic<UInt64>(0)

  private let shard: ShardIndex
  private let sharding: Sharding
  private let journal: Journal
  private let directory: Directory
  private let tokens: TokenIndex
  private let names: NameIndex
  private let agenda: Agenda
  private let authors: AuthorIndex
  private let sinks: [any CommittedEventSink]
  private let onHalt: @Sendable (String) -> Void
  private var cursor: JournalCursor
  private var isFolding = false
  private var waiters: [(target: Position, continuation: CheckedContinuation<Void, Never>)] = []
  private var isHeld = false
  /// Whether owners fold their events from here too: until the start-up is over.
  private var isRecovering = false
  private var holder: CheckedContinuation<Void, Never>?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    shard: ShardIndex, of sharding: Sharding, journal: Journal, directory: Directory,
    tokens: TokenIndex, names: NameIndex, agenda: Agenda,
    authors: AuthorIndex, sinks: [any CommittedEventSink],
    after position: Position, executor: any SerialExecutor & TaskExecutor,
    onHalt: @escaping @Sendable (String) -> Void
  ) {
    self.shard = shard
    self.sharding = sharding
    self.journal = journal
    self.directory = directory
    self.tokens = tokens
    self.names = names
    self.agenda = agenda
    self.authors = authors
    self.sinks = sinks
    self.executor = executor
    self.onHalt = onHalt
    cursor = journal.cursor(after: position)
    foldedRaw.store(position.raw, ordering: .releasing)
  }

  /// Everything up to and including this position is folded here.
  package nonisolated var folded: Position { Position(foldedRaw.load(ordering: .acquiring)) }

  /// Returns once this shard has folded `target`; waits for it to become durable if need be.
  package nonisolated func reach(_ target: Position) async {
    if folded >= target { return }
    await waitFor(target)
  }

  /// Folds what is durable now. Called when the journal publishes.
  package func advance() async {
    guard !isFolding, !isHeld else { return }
    isFolding = true
    if folded < journal.durable {
      guard await foldSlice(max: Self.sliceRecordsMax) else { return }
    }
    isFolding = false
    holder?.resume()
    holder = nil
    // Other work of the shard gets its turn first. `Task.yield` would go by way of the global
    // executor.
    if folded < journal.durable, !isHeld {
      Task(executorPreference: executor) { await self.advance() }
    }
  }

  /// Stops folding between two records and returns where; `resume(at:)` must follow.
  package func hold() async -> Position {
    precondition(!isHeld, "a shard is held once at a time")
    isHeld = true
    // Looked at again inside: a task that prefers another executor is suspended at every await,
    // also at those that stay on this actor.
    await withCheckedContinuation { continuation in
      if isFolding { holder = continuation } else { continuation.resume() }
    }
    return folded
  }

  /// Folds up to exactly `position`, runs `body` there, and goes on as usual. For a held shard;
  /// `position` must be durable.
  package func resume<Value: Sendable>(
    at position: Position, _ body: @Sendable () async -> Value
  ) async -> Value {
    precondition(isHeld && position >= folded, "only a held shard can be resumed, and not behind")
    isFolding = true
    while folded < position {
      let step = min(Int(clamping: position.raw - folded.raw), Self.sliceRecordsMax)
      guard await foldSlice(max: step) else { break }
    }
    let value = await body()
    isFolding = false
    isHeld = false
    await advance()
    return value
  }

  /// Folds the journal's tail at start-up: here owners fold their events from the journal, which in
  /// live work they have done before the disk saw them.
  package func recover(through head: Position) async {
    isRecovering = true
    while folded < head {
      guard await foldSlice(max: Self.sliceRecordsMax) else { break }
    }
    isRecovering = false
  }

  private func waitFor(_ target: Position) async {
    if !isFolding { await advance() }
    if folded >= target { return }
    await withCheckedContinuation { continuation in
      if folded >= target, !Mutation.wakeLost.isPlanted {
        continuation.resume()
      } else {
        waiters.append((target, continuation))
      }
    }
  }

  /// False when this shard can't go on; it stays as it is then, and its readers wait.
  private func foldSlice(max: Int) async -> Bool {
    do {
      let records = try cursor.next(max: max)
      guard let last = records.last else { return true }
      for sink in sinks { try await sink.fold(records) }
      for record in records { await deliver(record) }
      foldedRaw.store(last.position.raw, ordering: .releasing)
    } catch {
      onHalt("shard \(shard) stops folding after position \(folded): \(error)")
      return false
    }
    resumeWaiters()
    return true
  }

  private func deliver(_ record: Record) async {
    if sharding.shard(of: record.entity) == shard {
      tokens.fold(record)
      names.fold(record)
      agenda.fold(record)
      authors.fold(record)
      if isRecovering { await directory.replay(record) }
    }
    // Most events concern one entity besides their owner: no array for that.
    var first: EntityKey?
    var others: [EntityKey] = []
    forEachRecipient(of: record) { key in
      guard sharding.shard(of: key) == shard else { return }
      if first == nil { first = key } else { others.append(key) }
    }
    guard let first else { return }
    if case .user(.blocked) = record.event, Mutation.blockNotDelivered.isPlanted { return }
    await directory.observe(record, as: first)
    for key in others { await directory.observe(record, as: key) }
  }

  private func resumeWaiters() {
    let folded = folded
    var waiting: [(target: Position, continuation: CheckedContinuation<Void, Never>)] = []
    for waiter in waiters {
      if waiter.target <= folded { waiter.continuation.resume() } else { waiting.append(waiter) }
    }
    waiters = waiting
  }
}
