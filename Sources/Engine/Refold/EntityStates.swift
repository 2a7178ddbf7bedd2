package import Domain
package import Entities
package import Journal

/// The states of all entities in plain dictionaries: a fold without actors, on one thread.
///
/// The same functions as live: owners replay, recipients observe.
package struct EntityStates: Sendable {
  package private(set) var users: [UserID: Frozen<UserState>] = [:]
  package private(set) var posts: [PostID: Frozen<PostState>] = [:]
  package private(set) var chats: [ChatID: Frozen<ChatState>] = [:]
  package private(set) var tags: [Tag: Frozen<TagState>] = [:]

  private let kinds: Set<EntityKind>
  private let owns: @Sendable (EntityKey) -> Bool

  package init() { self.init(of: EntityKind.all) { _ in true } }

  /// Only of some kinds, and of those only what `owns` says.
  init(of kinds: [EntityKind], owns: @escaping @Sendable (EntityKey) -> Bool) {
    self.kinds = Set(kinds)
    self.owns = owns
  }

  private func holds(_ key: EntityKey) -> Bool { kinds.contains(EntityKind(of: key)) && owns(key) }

  /// Folds the next record into its owner and into whom it concerns.
  package mutating func fold(_ record: Record) throws(RefoldError) {
    if holds(record.entity) { try replay(record) }
    forEachRecipient(of: record) { if holds($0) { observe(record, as: $0) } }
  }

  /// Folds a record into one entity alone, if it owns it or is concerned.
  mutating func fold(_ record: Record, into key: EntityKey) throws(RefoldError) {
    if record.entity == key { try replay(record) }
    forEachRecipient(of: record) { if $0 == key { observe(record, as: key) } }
  }

  private mutating func replay(_ record: Record) throws(RefoldError) {
    switch record.entity {
    case .user(let id): try users[id, default: Frozen(blank: record.entity)].replay(record)
    case .post(let id): try posts[id, default: Frozen(blank: record.entity)].replay(record)
    case .chat(let id): try chats[id, default: Frozen(blank: record.entity)].replay(record)
    case .tag(let tag): try tags[tag, default: Frozen(blank: record.entity)].replay(record)
    }
  }

  /// Hashtags come into being by being used; anybody else whom an event names exists already.
  private mutating func observe(_ record: Record, as key: EntityKey) {
    switch key {
    case .user(let id): users[id]?.observe(record)
    case .post(let id): posts[id]?.observe(record)
    case .chat(let id): chats[id]?.observe(record)
    case .tag(let tag): tags[tag, default: Frozen(blank: key)].observe(record)
    }
  }

  /// Folds a record into those alone that `includes` names: its owner first, as `isOwn`, then whom
  /// it concerns.
  mutating func fold(
    _ record: Record, where includes: (_ key: EntityKey, _ isOwn: Bool) -> Bool
  ) throws(RefoldError) {
    if includes(record.entity, true) {
      switch record.entity {
      case .user(let id): try users[id, default: Frozen(blank: record.entity)].replay(record)
      case .post(let id): try posts[id, default: Frozen(blank: record.entity)].replay(record)
      case .chat(let id): try chats[id, default: Frozen(blank: record.entity)].replay(record)
      case .tag(let tag): try tags[tag, default: Frozen(blank: record.entity)].replay(record)
      }
    }
    forEachRecipient(of: record) { if includes($0, false) { observe(record, as: $0) } }
  }

  // MARK: Taking in from a snapshot

  mutating func adopt(_ user: Frozen<UserState>) { users[user.state.id] = user }
  mutating func adopt(_ post: Frozen<PostState>) { posts[post.state.id] = post }
  mutating func adopt(_ chat: Frozen<ChatState>) { chats[chat.state.id] = chat }
  mutating func adopt(_ tag: Frozen<TagState>) { tags[tag.state.tag] = tag }

  package func count(of kind: EntityKind) -> Int {
    switch kind {
    case .user: users.count
    case .post: posts.count
    case .chat: chats.count
    case .tag: tags.count
    }
  }
}
