package import Domain

/// What one command adds: its events come into the journal together or not at all.
package struct JournalEntry: Sendable {
  package var actor: UserID
  package var entity: EntityKey
  /// Of the first draft; the others follow.
  package var firstSequence: UInt64
  /// At least one.
  package var drafts: [Draft]
  package var request: RequestTag?
  /// The original time, for imports. Still never goes back.
  package var time: Instant?

  package init(
    actor: UserID, entity: EntityKey, firstSequence: UInt64, drafts: [Draft],
    request: RequestTag? = nil, time: Instant? = nil
  ) {
    self.actor = actor
    self.entity = entity
    self.firstSequence = firstSequence
    self.drafts = drafts
    self.request = request
    self.time = time
  }
}

/// How far the journal has come.
package struct JournalHead: Equatable, Sendable {
  package var position: Position
  /// Of the newest block; 32 zero bytes before the first.
  package var hash: [UInt8]
  /// Of the newest event.
  package var time: Instant
  package var formatVersion: UInt64
  package var blocks: UInt64

  static let empty = JournalHead(
    position: .zero, hash: JournalFormat.genesisHash, time: Instant(ms: .min),
    formatVersion: JournalFormat.version, blocks: 0)
}
