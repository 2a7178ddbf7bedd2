internal import Domain

/// What may be shown in a home, with who put it there. 24 bytes.
struct RingEntry: Hashable, Sendable {
  let outbox: OutboxEntry
  /// The author, or the sharer of a share.
  let actor: PersonIndex

  init(outbox: OutboxEntry, actor: PersonIndex) {
    self.outbox = outbox
    self.actor = actor
  }

  /// Nobody's: an order key alone, for the floor of a ring.
  init(floor orderKey: UInt64) {
    self.init(
      outbox: OutboxEntry(kind: .post, orderKey: orderKey, post: PostID(0)),
      actor: PersonIndex(0))
  }

  var orderKey: UInt64 { outbox.orderKey }
}
