package import Domain
internal import Entities
internal import Journal
internal import Projections

/// Entities as of a position, folded from the events that matter to them alone: what a full fold
/// shows, found through the history index.
package struct PastView {
  let index: HistoryIndex
  package let position: Position

  package init(_ index: HistoryIndex, at position: Position) {
    self.index = index
    self.position = min(position, index.head)
  }

  /// What `Replay.view` shows of the entity.
  package func view(of address: EntityAddress) throws -> JSON? {
    switch address {
    case .user(let name):
      guard let id = try index.user(named: name, at: position) else { return nil }
      return try user(id)
    case .post(let id):
      return try view(of: .post(id)) { entities in
        entities.posts[id]?.state.facts.map { [$0.author] + $0.mentions } ?? []
      } show: {
        try $0.post(id)
      }
    case .chat(let id):
      return try view(of: .chat(id)) { entities in
        guard let chat = entities.chats[id]?.state else { return [] }
        return chat.members.map(\.user) + chat.formers.entries.map(\.key)
          + chat.messages.map(\.author)
      } show: {
        try $0.chat(id)
      }
    case .tag(let tag):
      return try view(of: .tag(tag)) { _ in
        []
      } show: {
        $0.tag(tag)
      }
    }
  }

  private func view(
    of key: EntityKey, naming named: (EntityStates) -> [UserID],
    show: (EntityViews) throws -> JSON?
  ) throws -> JSON? {
    let entities = try states(of: key)
    let models = try models(of: index.identities(of: Set(named(entities)), through: position))
    return try show(EntityViews(entities: entities, models: models, reader: index.reader))
  }

  /// The state of one entity.
  func states(of key: EntityKey) throws -> EntityStates {
    var entities = EntityStates()
    let query = HistoryQuery([[.entity(key)]], through: position)
    try index.forEachRecord(of: query) { requested in
      try entities.fold(requested.record, into: key)
      return true
    }
    return entities
  }

  /// Nothing here asks for homes: posts are pushed into nobody's.
  static let limits = ProjectionLimits(ringMax: 1, celebrityFollowersMax: 0)

  /// Read models folded from some events, in order.
  func models(of positions: [Position]) throws -> ReadModels {
    var models = ReadModels(shard: .first, of: 1, limits: Self.limits)
    try index.forEachRecord(at: positions) { try models.fold(selected: $0) }
    return models
  }

  // MARK: People

  /// Followers and unread items are the read models' to know.
  private func user(_ id: UserID) throws -> JSON? {
    let entities = try states(of: .user(id))
    guard let own = entities.users[id]?.state.own else { return nil }
    let named = own.verdicts.entries.map(\.key) + own.mutes.all
    let positions =
      try inboxPositions(of: id)
      + index.identities(of: Set(named + [id]), through: position)
    return try EntityViews(
      entities: entities, models: try models(of: positions), reader: index.reader
    ).user(id)
  }

  /// Everything that a person's inbox and relations are folded from: what concerns them, what
  /// addresses them, how they voted and when these polls ended, and whose posts they could see.
  func inboxPositions(of id: UserID) throws -> [Position] {
    let addressed = try index.positions(of: HistoryQuery([[.inbox(id)]], through: position))
    var authors: Set<UserID> = []
    var positions = try index.positions(
      of: HistoryQuery([[.entity(.user(id))]], through: position))
    let posts = HistoryQuery(
      [
        [.entity(.user(id)), .inbox(id)],
        [.type(.postPublished), .type(.postReleased), .type(.postEdited)],
      ], through: position)
    try index.forEachRecord(of: posts) { requested in
      switch requested.record.event {
      case .post(.published(let facts)), .post(.released(let facts)), .post(.edited(let facts, _)):
        authors.insert(facts.author)
      case .user, .post, .chat, .tag: break
      }
      return true
    }
    positions += addressed
    positions += try index.identities(of: authors, through: position)
    var polls: Set<PostID> = []
    let votes = HistoryQuery(
      [[.deeds(id), .entity(.user(id))], [.type(.postVoted)]], through: position)
    try index.forEachRecord(of: votes) { requested in
      guard case .post(.voted) = requested.record.event, requested.record.actor == id,
        case .post(let poll) = requested.record.entity
      else { return true }
      polls.insert(poll)
      positions.append(requested.record.position)
      return true
    }
    // All events of these polls: those that do not matter here change nothing.
    positions += try index.positions(
      underAnyOf: polls.map { .entity(.post($0)) }, through: position)
    return positions
  }
}

extension HistoryIndex {
  /// Calls `body` with the records at some positions, each once, in order.
  func forEachRecord(at positions: [Position], _ body: (Record) throws -> Void) throws {
    var distinct: [Position] = []
    for position in positions.sorted() where distinct.last != position { distinct.append(position) }
    _ = try reader.forEachRecord(at: distinct) {
      try body($0.record)
      return true
    }
  }
}
