package import Domain
internal import Journal

/// An inbox item as it is shown.
package struct InboxEntry: Hashable, Sendable {
  /// Stable: the position of the first cause.
  package var id: Position
  package var kind: InboxKind
  /// Newest first, at most `Inbox.actorsShownMax`.
  package var actors: [UserID]
  package var count: Int
  /// The liked or shared post, or the one that mentions, answers or quotes.
  package var post: PostID?
  /// The group chat that an invitation is into.
  package var chat: ChatID?
  /// Where the newest cause is, withdrawn or not: what a command to read this item names.
  package var newestCause: Position
  /// When that was.
  package var time: Instant
  package var isRead: Bool
}

extension Inbox {
  /// At most `limit` items, newest cause first, on the owner's shard; `asOf` is the position at
  /// which the first page was read. `key` is the page key of the item.
  package func page(
    of owner: PersonIndex, before: UInt64 = .max, asOf: Position, limit: Int,
    unreadOnly: Bool = false, people: People
  ) -> [(key: UInt64, entry: InboxEntry)] {
    guard let inbox = inbox(of: owner) else { return [] }
    let page = inbox.page(before: before, asOf: asOf.raw, limit: limit, unreadOnly: unreadOnly)
    return page.map { ($0.key, Self.entry($0.item, in: inbox, people)) }
  }

  /// One item by its id; nil if there is none, or no cause is left.
  package func entry(_ id: Position, of owner: PersonIndex, people: People) -> InboxEntry? {
    guard let inbox = inbox(of: owner), let item = inbox.item(id: id.raw) else { return nil }
    return Self.entry(item, in: inbox, people)
  }

  /// Where the newest causes of items are, in the order of their ids; nil for what is none, or has
  /// no cause left. O(items + ids).
  package func newestCauses(of ids: [Position], owner: PersonIndex) -> [Position?] {
    guard let inbox = inbox(of: owner) else { return ids.map { _ in nil } }
    return inbox.items(ids: ids.map(\.raw)).map { $0.map { Position($0.orderKey) } }
  }

  /// The item under a key, if the event at this position is one of its causes and not withdrawn.
  func entry(
    _ key: InboxKey, of owner: PersonIndex, causedAt position: Position, people: People
  ) -> InboxEntry? {
    guard let inbox = inbox(of: owner), let item = inbox.item(key),
      item.hasActiveCause(at: position.raw)
    else { return nil }
    return Self.entry(item, in: inbox, people)
  }

  private static func entry(
    _ item: InboxItem, in inbox: WholeInbox, _ people: People
  ) -> InboxEntry {
    let post: PostID? =
      switch item.key.kind {
      case .follow, .request, .invite: nil
      case .mention, .reply, .like, .share, .quote, .reaction, .poll, .moderation:
        PostID(item.key.object)
      }
    return InboxEntry(
      id: Position(item.id), kind: item.key.kind,
      actors: item.key.kind.hasActors
        ? item.actors(max: actorsShownMax).map { people.id(of: $0) } : [],
      count: item.activeCount, post: post,
      chat: item.key.kind == .invite ? ChatID(item.key.object) : nil,
      newestCause: Position(item.orderKey), time: item.time,
      isRead: !inbox.isUnread(item))
  }

  /// Entries: [row, kind, object] → [time, read through, then, packed, of all causes the rows and
  /// the positions, and which of them are withdrawn]; [row] → read through; [row, post] → true for
  /// each vote.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    voters.forEach { post, people in
      for voter in people {
        entry.key.array(2)
        entry.key.person(voter)
        entry.key.uint(post.raw)
        entry.value.bool(true)
        entry.emit(to: body)
      }
    }
    for row in 0..<inboxes.count {
      let owner = PersonIndex(UInt32(row))
      if let item = followings[row] { Self.emit(item, of: owner, &entry, body) }
      guard let inbox = inboxes[row].first else { continue }
      if inbox.readThrough > 0 {
        entry.key.array(1)
        entry.key.person(owner)
        entry.value.uint(inbox.readThrough)
        entry.emit(to: body)
      }
      inbox.forEachItem { Self.emit($0, of: owner, &entry, body) }
    }
  }

  private static func emit(
    _ item: InboxItem, of owner: PersonIndex, _ entry: inout EntryWriter,
    _ body: ([UInt8], [UInt8]) -> Void
  ) {
    entry.key.array(3)
    entry.key.person(owner)
    entry.key.uint(UInt64(item.key.kind.rawValue))
    entry.key.uint(item.key.object)
    let causes = item.columns
    entry.value.array(5)
    entry.value.int(item.time.ms)
    entry.value.uint(item.readThrough)
    entry.value.packed(causes.people)
    entry.value.packed(wide: causes.positions)
    entry.value.packed(causes.withdrawn)
    entry.emit(to: body)
  }

  /// What an entry means.
  static func shapes(_ key: inout CBORDecoder) throws(CBORError) -> EntryShapes {
    switch try key.array() {
    case 1: return EntryShapes(.fields(["owner": .person]), .position)
    case 2: return EntryShapes(.fields(["voter": .person, "post": .post]), .nothing)
    case 3:
      _ = try key.person()
      let object: (String, EntryShape) =
        switch InboxKind(rawValue: UInt8(truncatingIfNeeded: try key.uint())) {
        case .request: ("by", .person)
        case .invite: ("chat", .chat)
        case .follow: ("of", .number)
        case .mention, .reply, .like, .share, .quote, .reaction, .poll, .moderation:
          ("post", .post)
        case nil: throw .invalidValue
        }
      return EntryShapes(
        .fields([
          "owner": .person, "kind": .choice(InboxKind.self), object.0: object.1,
        ]),
        .fields([
          "time": .time, "read_through": .position, "people": .packed(.person),
          "positions": .packed(.position), "withdrawn": .packed(.number),
        ]))
    default: throw .invalidValue
    }
  }

  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    let parts = try key.array()
    let owner = try key.person()
    guard owner.row < people.count, (1...3).contains(parts) else { throw .invalidValue }
    guard people.isLocal(owner) else { return }
    grow(toHold: people)
    if parts == 1 {
      let readThrough = try value.uint()
      change(owner) { $0.restore(readThrough: readThrough) }
      return
    }
    if parts == 2 {
      voters[PostID(try key.uint()), default: []].append(owner)
      return
    }
    guard let kind = InboxKind(rawValue: UInt8(truncatingIfNeeded: try key.uint())) else {
      throw .invalidValue
    }
    let itemKey = InboxKey(kind: kind, object: try key.uint())
    try value.array(of: 5)
    let time = Instant(ms: try value.int())
    let readThrough = try value.uint()
    let causes = CauseColumns(
      people: try value.packed().people(),
      positions: try value.packed().wideWords(),
      withdrawn: try value.packed().words())
    guard causes.people.allSatisfy({ $0.row < people.count }),
      var item = InboxItem(key: itemKey, causes, time)
    else { throw .invalidValue }
    item.readThrough = readThrough
    if kind == .follow {
      followings[owner.row] = item
    } else {
      change(owner) { $0.restore(item) }
    }
  }

  mutating func finishRestoring() {
    for row in 0..<inboxes.count where !inboxes[row].isEmpty {
      inboxes[row][0].finishRestoring()
    }
  }
}
