import Domain

/// The states of all entities in plain dictionaries: folded record by record, or gathered.
struct EntityRefold: Sendable {
  private var users: [EntityKey: UserState] = [:]
  private var posts: [EntityKey: PostState] = [:]
  private var chats: [EntityKey: ChatState] = [:]
  private var tags: [EntityKey: TagState] = [:]

  mutating func fold(_ record: Record) {
    change(record.entity) { (state: inout any Entity) in state.apply(record) }
    var others: [EntityKey] = []
    forEachRecipient(of: record) { if !others.contains($0) { others.append($0) } }
    for key in others { change(key) { (state: inout any Entity) in state.observe(record) } }
  }

  private mutating func change(_ key: EntityKey, _ body: (inout any Entity) -> Void) {
    func changed<State: Entity>(_ state: State?) -> State {
      var changing: any Entity = state ?? State(key: key)
      body(&changing)
      guard let state = changing as? State else { preconditionFailure("a state keeps its type") }
      return state
    }
    switch key {
    case .user: users[key] = changed(users[key])
    case .post: posts[key] = changed(posts[key])
    case .chat: chats[key] = changed(chats[key])
    case .tag: tags[key] = changed(tags[key])
    }
  }

  mutating func add(_ state: UserState) { users[.user(state.id)] = state }
  mutating func add(_ state: PostState) { posts[.post(state.id)] = state }
  mutating func add(_ state: ChatState) { chats[.chat(state.id)] = state }
  mutating func add(_ state: TagState) { tags[.tag(state.tag)] = state }

  /// An entity whose states differ, with both; nil if all agree. Entities without any event (found
  /// out when a command was refused) do not count.
  func difference(to live: EntityRefold) -> String? {
    Self.difference(users, live.users) ?? Self.difference(posts, live.posts)
      ?? Self.difference(chats, live.chats) ?? Self.difference(tags, live.tags)
  }

  private static func difference<State: Entity>(
    _ refolded: [EntityKey: State], _ live: [EntityKey: State]
  ) -> String? {
    for key in Set(refolded.keys).union(live.keys).sorted(by: { "\($0)" < "\($1)" }) {
      let blank = State(key: key)
      if live[key] ?? blank != refolded[key] ?? blank {
        return "\(key) is \(live[key] ?? blank) instead of \(refolded[key] ?? blank)"
      }
    }
    return nil
  }
}
