package import Domain
internal import Journal

/// A person's row in the tables of the read models: 0, 1, 2, … in the order in which the journal
/// first names them. The same on every shard, and half the size of an id.
package struct PersonIndex: Hashable, Comparable, Sendable, PackedWord {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }

  @inline(__always) var row: Int { Int(raw) }
  package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

/// The rows of whom a record names first, looked up once for all read models.
struct Cast {
  let actor: PersonIndex
  /// Whom a user's event is about, or the author of the post that a post's event is about.
  let other: PersonIndex?
}

/// The rows of a cast as far as these people were known when they were looked up. Rows stay: what
/// was found once holds for ever.
struct KnownCast {
  var actor: PersonIndex?
  var other: PersonIndex?
}

extension Event {
  /// Whom a user's event is about, or the author of the post that a post's event is about.
  package var other: UserID? {
    switch self {
    case .user(.listAdded(_, let other)), .user(.listRemoved(_, let other)),
      .user(.reported(_, let other, _)):
      other
    case .user(let event): event.other
    case .post(let event): event.author
    case .chat, .tag: nil
    }
  }
}

extension PostEvent {
  fileprivate var author: UserID? {
    switch self {
    case .published(let facts), .deleted(let facts), .drafted(let facts, _),
      .redrafted(let facts, _), .released(let facts), .edited(let facts, _),
      .moderated(let facts, _, _):
      facts.author
    case .liked(let author), .unliked(let author), .shared(_, let author),
      .unshared(_, let author), .reacted(_, let author), .unreacted(let author),
      .voted(_, let author), .pollClosed(let author), .viewed(let author):
      author
    case .discarded: nil
    }
  }
}

extension PersonIndex: SegmentKey {
  var segmentHash: UInt64 { mix64(UInt64(raw)) }
}
