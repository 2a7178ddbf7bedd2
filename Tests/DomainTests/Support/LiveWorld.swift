import Domain

/// A small engine without disk or threads, to set live folding against the journal's order.
///
/// An entity folds its own events at once, as they get their positions. The events of others reach
/// it in the order of positions, each entity at a pace of its own: so an entity decides while
/// blocks, acceptances and replies that concern it are already in the journal but not yet seen.
struct LiveWorld {
  private(set) var users: [UserID: UserState] = [:]
  private(set) var posts: [PostID: PostState] = [:]
  private(set) var tags: [Tag: TagState] = [:]
  private(set) var journal: [Record] = []
  /// By entity, how much of the journal it has been shown.
  private var shown: [EntityKey: Int] = [:]
  private var sequences: [EntityKey: UInt64] = [:]
  var now = Instant(ms: 1_341_100_800_000)

  /// Decides on what the entity knows, and folds what was decided into it at once. Nil if refused.
  mutating func run(_ command: UserCommand, by actor: UserID) -> Decision? {
    let key = EntityKey.user(actor)
    let state = users[actor] ?? UserState(key: key)
    guard let decision = try? state.decide(command, by: actor, at: now) else { return nil }
    enqueue(decision, by: actor, of: key)
    return decision
  }

  mutating func run(_ command: PostCommand, on post: PostID, by actor: UserID) -> Decision? {
    let key = EntityKey.post(post)
    let state = posts[post] ?? PostState(key: key)
    guard let decision = try? state.decide(command, by: actor, at: now) else { return nil }
    enqueue(decision, by: actor, of: key)
    return decision
  }

  mutating func run(_ command: TagCommand, on tag: Tag, by actor: UserID) {
    let key = EntityKey.tag(tag)
    let state = tags[tag] ?? TagState(key: key)
    guard let decision = try? state.decide(command, by: actor, at: now) else { return }
    enqueue(decision, by: actor, of: key)
  }

  private mutating func enqueue(_ decision: Decision, by actor: UserID, of key: EntityKey) {
    for draft in decision.drafts {
      sequences[key, default: 0] += 1
      let record = Record(
        position: Position(UInt64(journal.count + 1)), time: now, actor: actor, entity: key,
        sequence: sequences[key, default: 0], event: draft.event, hasSecret: draft.secret != nil)
      journal.append(record)
      fold(record, into: key)
    }
  }

  /// Shows an entity the journal up to `count` records.
  mutating func show(_ key: EntityKey, upTo count: Int) {
    while shown[key, default: 0] < count {
      let record = journal[shown[key, default: 0]]
      shown[key, default: 0] += 1
      if record.entity != key, concerns(record, key) { fold(record, into: key) }
    }
  }

  mutating func showAll() {
    for record in journal {
      show(record.entity, upTo: journal.count)
      forEachRecipient(of: record) { show($0, upTo: journal.count) }
    }
  }

  /// The same journal folded by one hand, record by record.
  func replayed() -> LiveWorld {
    var world = LiveWorld()
    world.journal = journal
    for record in journal {
      world.fold(record, into: record.entity)
      forEachRecipient(of: record) { key in
        if key != record.entity { world.fold(record, into: key) }
      }
    }
    return world
  }

  private func concerns(_ record: Record, _ key: EntityKey) -> Bool {
    var found = false
    forEachRecipient(of: record) { found = found || $0 == key }
    return found
  }

  private mutating func fold(_ record: Record, into key: EntityKey) {
    let isOwn = record.entity == key
    switch key {
    case .user(let id):
      fold(record, isOwn, into: &users[id, default: UserState(key: key)])
    case .post(let id):
      fold(record, isOwn, into: &posts[id, default: PostState(key: key)])
    case .tag(let tag):
      fold(record, isOwn, into: &tags[tag, default: TagState(key: key)])
    case .chat:
      preconditionFailure("this world has no chats")
    }
  }

  private func fold(_ record: Record, _ isOwn: Bool, into state: inout some Entity) {
    if isOwn { state.apply(record) } else { state.observe(record) }
  }
}
