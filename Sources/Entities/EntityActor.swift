package import Domain
package import Journal
private import Synchronization

/// The actor around an entity: decide → enqueue → apply in one turn.
///
/// Nothing in here waits for the disk. A result carries the position that must be durable before
/// anybody is shown it.
///
/// Its code is specialised for each kind of entity, and what reads is inlined where it is called:
/// without that, every step is taken through tables of witnesses, and states are copied.
package actor EntityActor<State: Entity> {
  nonisolated let executor: any SerialExecutor
  package nonisolated let key: EntityKey
  private let surroundings: Surroundings
  @usableFromInline var state: State
  /// Of the newest own event applied; what is read depends on it.
  @usableFromInline var ownPosition: Position
  /// Of the newest event of others folded.
  private var observedPosition: Position
  /// Whether the directory has let go of it: an event now would be in the journal alone.
  private var isRetired = false
  private var keeping: Keeping
  /// How often it was asked for lately; halved each time its shard looks for who can sleep.
  private nonisolated let heat = Atomic<UInt8>(1)

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    key: EntityKey, state: State, ownPosition: Position = .zero,
    observedPosition: Position = .zero, isKept: Bool = false, in surroundings: Surroundings,
    on executor: any SerialExecutor
  ) {
    keeping = isKept ? .kept : .changed
    self.key = key
    self.state = state
    self.ownPosition = ownPosition
    self.observedPosition = observedPosition
    self.surroundings = surroundings
    self.executor = executor
  }

  /// Runs a command. Throws what `decide` refuses, and BUSY when the journal's queue is full; then
  /// nothing has happened. The command is made in this turn, so that identifiers made with it
  /// ascend in the order of the entity's events.
  @specialized(where State == UserState)
  @specialized(where State == PostState)
  @specialized(where State == ChatState)
  package func perform(
    _ command: @autoclosure @Sendable () -> State.Command, by actor: UserID,
    request: RequestKey? = nil
  ) throws(Rejection) -> Gated<Outcome> {
    guard !isRetired else { throw Rejection(.busy, "this was about to come or go, try again") }
    let decision = try Self.decide(command(), &state, by: actor, at: surroundings.clock.now)
    guard !decision.drafts.isEmpty else {
      return Gated(decision.outcome, after: ownPosition, changed: false)
    }
    let records = try surroundings.journal.enqueue(
      JournalEntry(
        actor: actor, entity: key, firstSequence: state.sequence + 1, drafts: decision.drafts,
        request: request?.tag(outcome: decision.outcome)))
    keeping = .changed
    if Mutation.applyInLaterTurn.isPlanted { return applyLater(records, decision.outcome) }
    for record in records {
      state.apply(record)
      ownPosition = record.position
    }
    return Gated(decision.outcome, after: ownPosition, changed: true)
  }

  /// For the mutation of that name.
  private func applyLater(_ records: [Record], _ outcome: Outcome) -> Gated<Outcome> {
    Task {
      for record in records { replay(record) }
    }
    return Gated(outcome, after: records[records.count - 1].position, changed: true)
  }

  /// Passed `inout` because that alone spares a copy of the state.
  @inline(__always)
  private static func decide(
    _ command: State.Command, _ state: inout State, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision {
    try state.decide(command, by: actor, at: now)
  }

  /// Folds a committed event of another entity; a repetition (after a start from a snapshot) is
  /// passed over. False, with nothing done, if the directory has let go of it.
  @specialized(where State == UserState)
  @specialized(where State == PostState)
  @specialized(where State == TagState)
  func observe(_ record: Record) -> Bool {
    guard !isRetired else { return false }
    guard record.position > observedPosition || Mutation.appliedTwiceAtRestart.isPlanted else {
      return true
    }
    keeping = .changed
    state.observe(record)
    observedPosition = record.position
    return true
  }

  /// Folds one of the entity's own events from the journal, at start-up.
  func replay(_ record: Record) {
    guard record.sequence > state.sequence else { return }
    keeping = .changed
    precondition(
      record.sequence == state.sequence + 1,
      "the journal skips from \(state.sequence) to \(record.sequence) in \(key)")
    state.apply(record)
    ownPosition = record.position
  }

  /// Takes the entity out of use if nothing has happened to it; its index forgets it then.
  func retireIfBlank() -> Bool {
    if state == State(key: key) { isRetired = true }
    return isRetired
  }

  // MARK: Residency

  /// Whether a snapshot holds it as it is.
  private enum Keeping {
    case changed
    /// In one that is being written.
    case frozen
    case kept
  }

  private static var heatMax: UInt8 { 7 }

  /// Somebody asked for it.
  nonisolated func warm() {
    let heat = heat.load(ordering: .relaxed)
    // Two who ask at once may count once.
    if heat < Self.heatMax { self.heat.store(heat + 1, ordering: .relaxed) }
  }

  /// How often it was asked for lately; half of it is forgotten.
  package nonisolated func cool() -> UInt8 {
    let heat = heat.load(ordering: .relaxed)
    self.heat.store(heat / 2, ordering: .relaxed)
    return heat
  }

  /// The state for a snapshot that shall hold it.
  package func freezeToKeep() -> Frozen<State> {
    if keeping == .changed { keeping = .frozen }
    return freeze()
  }

  /// The snapshot for which it was frozen last is whole: it can come back from there.
  package func noteKept() {
    if keeping == .frozen { keeping = .kept }
  }

  /// Takes the entity out of use if it can come back as it is; its index forgets it then.
  func retireIfKept() -> Bool {
    if keeping == .kept { isRetired = true }
    return isRetired
  }

  /// What an actor and its place in an index take besides the state.
  private static var overheadBytes: Int { 128 }

  /// About what it takes in memory, and whether it could go.
  package func weigh() -> (bytes: Int, isKept: Bool) {
    (
      Self.overheadBytes + MemoryLayout<State>.stride + state.furtherBytes, keeping == .kept
    )
  }

  /// What `body` reads from the state, with the position that it depends on. Passed `inout` because
  /// that alone spares a copy; `body` changes nothing.
  @inlinable
  package func read<Value: Sendable>(
    _ body: @Sendable (inout State) -> Value
  ) -> Gated<Value> {
    Gated(body(&state), after: ownPosition, changed: false)
  }

  /// The same, where the position belongs into what is read.
  package func look<Value: Sendable>(
    _ body: @Sendable (inout State, Position) -> Value
  ) -> Value {
    body(&state, ownPosition)
  }

  /// See `visit`.
  func show(to body: (inout State, Position) -> Void) { body(&state, ownPosition) }

  /// The state with the positions that it stands at, for a snapshot. Costs a few retains.
  package func freeze() -> Frozen<State> {
    Frozen(
      key: key, state: state, ownPosition: ownPosition, observedPosition: observedPosition)
  }
}

/// What all entities share: where events go and where time comes from.
package final class Surroundings: Sendable {
  package let journal: Journal
  package let clock: any Clock

  package init(journal: Journal, clock: any Clock) {
    self.journal = journal
    self.clock = clock
  }
}

/// A value together with the journal position that must be durable before it is shown.
package struct Gated<Value: Sendable>: Sendable {
  package var value: Value
  package var position: Position
  /// Whether events were enqueued for it.
  package var changed: Bool

  @inlinable
  package init(_ value: Value, after position: Position, changed: Bool) {
    self.value = value
    self.position = position
    self.changed = changed
  }
}

/// An entity's state at one moment.
package struct Frozen<State: Entity>: Sendable {
  package var key: EntityKey
  package var state: State
  package var ownPosition: Position
  package var observedPosition: Position

  package init(
    key: EntityKey, state: State, ownPosition: Position, observedPosition: Position
  ) {
    self.key = key
    self.state = state
    self.ownPosition = ownPosition
    self.observedPosition = observedPosition
  }
}

/// A command's idempotency key, before the outcome is known.
package struct RequestKey: Hashable, Sendable {
  package var key: [UInt8]
  package var argumentsDigest: [UInt8]

  package init(key: [UInt8], argumentsDigest: [UInt8]) {
    self.key = key
    self.argumentsDigest = argumentsDigest
  }

  /// With what to answer a repetition.
  package func tag(outcome: Outcome) -> RequestTag {
    RequestTag(key: key, argumentsDigest: argumentsDigest, outcome: outcome)
  }
}
