/// A state machine whose truth is the journal.
///
/// Its state has two halves that never write to each other: what it folds from its own events
/// (`apply`, at once when decided, in sequence order) and what it folds from the committed events
/// of others that name it (`observe`, in position order, after they are durable). Because the
/// halves are separate, the live interleaving of the two and the journal's order give the same
/// state.
package protocol Entity: Sendable, Equatable {
  associatedtype Command: Sendable

  /// The state before any event.
  init(key: EntityKey)

  /// The number of own events applied: the sequence number of the newest one, 0 before the first.
  var sequence: UInt64 { get }

  /// About how many bytes of memory the state takes beyond itself.
  var furtherBytes: Int { get }

  /// Chooses the events that a command leads to; changes nothing. An idempotent repetition is a
  /// decision without events.
  func decide(
    _ command: Command, by actor: UserID, at now: Instant
  ) throws(Rejection) -> Decision

  /// Folds one of the entity's own events. Cannot fail: what is in the journal has happened.
  mutating func apply(_ record: Record)

  /// Folds a committed event of another entity that names this one. Cannot fail.
  mutating func observe(_ record: Record)
}

/// What `decide` chose.
package struct Decision: Equatable, Sendable {
  /// In order; each becomes one journal record of the deciding entity.
  package var drafts: [Draft]
  package var outcome: Outcome

  package init(_ drafts: [Draft], _ outcome: Outcome) {
    self.drafts = drafts
    self.outcome = outcome
  }
}

/// An event on its way into the journal.
package struct Draft: Equatable, Sendable {
  package var event: Event
  /// What will be sealed with the actor's key; nil if there is no personal text.
  package var secret: Secret?

  package init(_ event: Event, secret: Secret? = nil) {
    self.event = event
    self.secret = secret
  }
}

/// What a command answers when its events are durable.
package enum Outcome: Equatable, Sendable {
  case ok
  case word(String)
  case id(UInt64)
  case count(Int)
}

/// A journal record as folds see it: everything but the sealed text.
package struct Record: Equatable, Sendable {
  package var position: Position
  package var time: Instant
  /// Who did it.
  package var actor: UserID
  /// Whose event it is.
  package var entity: EntityKey
  /// The entity's own numbering: dense, from 1.
  package var sequence: UInt64
  package var event: Event
  /// Whether the journal holds sealed text for this position.
  package var hasSecret: Bool

  package init(
    position: Position, time: Instant, actor: UserID, entity: EntityKey, sequence: UInt64,
    event: Event, hasSecret: Bool
  ) {
    self.position = position
    self.time = time
    self.actor = actor
    self.entity = entity
    self.sequence = sequence
    self.event = event
    self.hasSecret = hasSecret
  }
}
