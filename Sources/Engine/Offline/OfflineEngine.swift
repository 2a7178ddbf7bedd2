package import Domain
package import Entities
package import Journal
package import Projections

/// Commands against a journal without actors, threads or waiting: for imports and golden data.
///
/// The same state machines decide. Commits by itself and at fixed places, so that the same commands
/// with the same clock and the same randomness give the same blocks.
package struct OfflineEngine {
  /// Events between two transactions, unless `commit` is called.
  private static let batchEvents = 8_192

  package let journal: Journal
  /// The journal's own.
  package let clock: SetClock
  package let ids: IDGenerator
  /// Everything folded so far, what is not durable included.
  package private(set) var state: Refold
  private var waiting = 0

  /// On an empty journal.
  package init(
    journal: Journal, clock: SetClock, limits: ProjectionLimits = ProjectionLimits()
  ) {
    precondition(journal.enqueued == .zero, "offline work begins with an empty journal")
    self.journal = journal
    self.clock = clock
    ids = IDGenerator(clock: clock, node: 0)
    state = Refold(limits: limits)
  }

  /// On a journal that holds what is folded in `state`, all of it.
  package init(resuming state: Refold, journal: Journal, clock: SetClock) {
    precondition(journal.enqueued == state.position, "offline work goes on where the journal ends")
    self.journal = journal
    self.clock = clock
    ids = IDGenerator(clock: clock, node: 0)
    self.state = state
  }

  package mutating func perform(
    _ command: UserCommand, by actor: UserID, request: RequestKey? = nil
  ) throws -> Gated<Outcome> {
    let key = EntityKey.user(actor)
    return try write(
      decide(command, state.entities.users[actor], key, actor), of: key, by: actor, request)
  }

  package mutating func perform(
    _ command: PostCommand, on post: PostID, by actor: UserID, request: RequestKey? = nil
  ) throws -> Gated<Outcome> {
    let key = EntityKey.post(post)
    return try write(
      decide(command, state.entities.posts[post], key, actor), of: key, by: actor, request)
  }

  package mutating func perform(
    _ command: ChatCommand, on chat: ChatID, by actor: UserID, request: RequestKey? = nil
  ) throws -> Gated<Outcome> {
    let key = EntityKey.chat(chat)
    return try write(
      decide(command, state.entities.chats[chat], key, actor), of: key, by: actor, request)
  }

  package mutating func perform(
    _ command: TagCommand, on tag: Tag, by actor: UserID, request: RequestKey? = nil
  ) throws -> Gated<Outcome> {
    let key = EntityKey.tag(tag)
    return try write(
      decide(command, state.entities.tags[tag], key, actor), of: key, by: actor, request)
  }

  /// Makes everything durable.
  package mutating func commit() throws {
    while try journal.commitQueued() > 0 {}
    waiting = 0
  }

  /// A function of its own, so that nobody holds the state when it changes: else it were copied.
  private func decide<State: Entity>(
    _ command: State.Command, _ entity: Frozen<State>?, _ key: EntityKey, _ actor: UserID
  ) throws -> (decision: Decision, sequence: UInt64) {
    let state = entity?.state ?? State(key: key)
    return (try state.decide(command, by: actor, at: clock.now), state.sequence)
  }

  private mutating func write(
    _ decided: (decision: Decision, sequence: UInt64), of entity: EntityKey,
    by actor: UserID, _ request: RequestKey?
  ) throws -> Gated<Outcome> {
    let outcome = decided.decision.outcome
    guard !decided.decision.drafts.isEmpty else {
      return Gated(outcome, after: journal.enqueued, changed: false)
    }
    let records = try journal.enqueue(
      JournalEntry(
        actor: actor, entity: entity, firstSequence: decided.sequence + 1,
        drafts: decided.decision.drafts, request: request?.tag(outcome: outcome),
        time: clock.now))
    for record in records { try state.fold(record) }
    waiting += records.count
    if waiting >= Self.batchEvents { try commit() }
    return Gated(outcome, after: journal.enqueued, changed: true)
  }
}
