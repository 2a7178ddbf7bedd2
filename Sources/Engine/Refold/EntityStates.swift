package import Domain
internal import Entities
package import Journal
internal import Projections

/// The states of all entities in plain tables: a fold without actors, on one thread.
///
/// The same functions as live: owners replay, recipients observe.
package struct EntityStates: Sendable {
  package private(set) var users = EntityTable<UserID, UserState>()
  package private(set) var posts = EntityTable<PostID, PostState>()
  package private(set) var chats = EntityTable<ChatID, ChatState>()
  package private(set) var tags = EntityTable<Tag, TagState>()

  /// Nil: all are held.
  private let holdsOnly: (@Sendable (EntityKey) -> Bool)?

  /// See `fold(contentsOf:)`; no part of the state.
  private var lookahead = 0

  package init() { holdsOnly = nil }

  /// Only of some kinds, and of those only what `owns` says.
  init(of kinds: [EntityKind], owns: @escaping @Sendable (EntityKey) -> Bool) {
    let kinds = Set(kinds)
    holdsOnly = { kinds.contains(EntityKind(of: $0)) && owns($0) }
  }

  private func holds(_ key: EntityKey) -> Bool { holdsOnly?(key) ?? true }

  /// Folds the next records, after having read what their folds will need: most of the time goes
  /// into waiting for memory, and these waits overlap. As many as fit the processor's cache.
  mutating func fold(contentsOf records: ArraySlice<Record>) throws(RefoldError) {
    lookahead &+= touch(records)
    for index in records.indices { try fold(records[index]) }
  }

  /// Folds the next records into read models and entities together, so many at a time that what was
  /// read ahead is still in the processor's cache.
  mutating func fold(
    contentsOf records: ArraySlice<Record>, with models: inout ReadModels
  ) throws(RefoldError) {
    var start = records.startIndex
    while start < records.endIndex {
      let end = min(start + ReadModels.lookaheadMax, records.endIndex)
      do throws(ProjectionError) {
        try models.fold(contentsOf: records[start..<end])
      } catch {
        throw .projection(error)
      }
      try fold(contentsOf: records[start..<end])
      start = end
    }
  }

  /// Reads what folds will need; the sum means nothing.
  private func touch(_ records: ArraySlice<Record>) -> Int {
    var sum = 0
    for index in records.indices {
      switch records[index].entity {
      case .user(let id): sum &+= users.touchOwn(id)
      case .post(let id): sum &+= posts.touch(id)
      case .chat, .tag: break
      }
      if let other = records[index].event.other { sum &+= users.touch(other) }
    }
    return sum
  }

  /// Folds the next record into its owner and into whom it concerns.
  package mutating func fold(_ record: Record) throws(RefoldError) {
    if holds(record.entity) { try replay(record) }
    forEachRecipient(of: record) { if holds($0) { observe(record, as: $0) } }
  }

  /// Folds a record into one entity alone, if it owns it or is concerned.
  mutating func fold(_ record: Record, into key: EntityKey) throws(RefoldError) {
    try fold(record) { concerned, _ in concerned == key }
  }

  private mutating func replay(_ record: Record) throws(RefoldError) {
    let key = record.entity
    switch key {
    case .user(let id):
      try users.change(id, orNew: Frozen(blank: key)) { user throws(RefoldError) in
        try user.replay(record)
      }
    case .post(let id):
      try posts.change(id, orNew: Frozen(blank: key)) { post throws(RefoldError) in
        try post.replay(record)
      }
    case .chat(let id):
      try chats.change(id, orNew: Frozen(blank: key)) { chat throws(RefoldError) in
        try chat.replay(record)
      }
    case .tag(let tag):
      try tags.change(tag, orNew: Frozen(blank: key)) { tag throws(RefoldError) in
        try tag.replay(record)
      }
    }
  }

  /// Hashtags come into being by being used; anybody else whom an event names exists already.
  private mutating func observe(_ record: Record, as key: EntityKey) {
    switch key {
    case .user(let id): users.change(id) { $0.observe(record) }
    case .post(let id): posts.change(id) { $0.observe(record) }
    case .chat(let id): chats.change(id) { $0.observe(record) }
    case .tag(let tag): tags.change(tag, orNew: Frozen(blank: key)) { $0.observe(record) }
    }
  }

  /// Folds a record into those alone that `includes` names: its owner first, as `isOwn`, then whom
  /// it concerns.
  mutating func fold(
    _ record: Record, where includes: (_ key: EntityKey, _ isOwn: Bool) -> Bool
  ) throws(RefoldError) {
    if includes(record.entity, true) { try replay(record) }
    forEachRecipient(of: record) { if includes($0, false) { observe(record, as: $0) } }
  }

  // MARK: Taking in from a snapshot

  mutating func adopt(_ user: Frozen<UserState>) { users.adopt(user, as: user.state.id) }
  mutating func adopt(_ post: Frozen<PostState>) { posts.adopt(post, as: post.state.id) }
  mutating func adopt(_ chat: Frozen<ChatState>) { chats.adopt(chat, as: chat.state.id) }
  mutating func adopt(_ tag: Frozen<TagState>) { tags.adopt(tag, as: tag.state.tag) }

  /// Of those of whom more is known than that they exist. O(entities).
  func knownCount(of kind: EntityKind) -> Int {
    switch kind {
    case .user: users.values.count { !$0.isBlank }
    case .post: posts.values.count { !$0.isBlank }
    case .chat: chats.values.count { !$0.isBlank }
    case .tag: tags.values.count { !$0.isBlank }
    }
  }

  package func count(of kind: EntityKind) -> Int {
    switch kind {
    case .user: users.count
    case .post: posts.count
    case .chat: chats.count
    case .tag: tags.count
    }
  }
}
