package import Domain

/// What a record says beside its event's fields: some of them are stored as what differs from it.
package struct RecordContext: Hashable, Sendable {
  package var actor: UserID
  package var time: Instant

  package init(actor: UserID, time: Instant) {
    self.actor = actor
    self.time = time
  }

  package init(_ record: Record) {
    self.init(actor: record.actor, time: record.time)
  }

  /// How far an identifier lies after the first one of the record's millisecond. For one that was
  /// made for this event that is a small number, and its nine bytes become one to five. Modulo
  /// 2^64, so that any identifier has a distance.
  package func distance(to identifier: UInt64) -> Int64 {
    Int64(bitPattern: identifier &- first)
  }

  /// The identifier at a distance.
  package func identifier(at distance: Int64) -> UInt64 {
    first &+ UInt64(bitPattern: distance)
  }

  /// Milliseconds are the upper 42 bits of an identifier.
  private var first: UInt64 { UInt64(bitPattern: time.ms) &<< 22 }
}
