import Domain
import Projections

/// A journal written line by line, folded by one shard as it grows.
struct Script {
  private(set) var models: ReadModels
  private(set) var now: Int64 = 1_700_000_000_000
  private var lastID: UInt64 = 1_000

  init(limits: ProjectionLimits = ProjectionLimits()) {
    models = ReadModels(shard: ShardIndex(0), of: 1, limits: limits)
  }

  mutating func pass(minutes: Int) { now += Int64(minutes) * 60_000 }

  mutating func newID() -> UInt64 {
    lastID += 1
    return lastID
  }

  mutating func emit(_ event: Event, by actor: UserID, _ entity: EntityKey) {
    let record = Record(
      position: models.position.next, time: Instant(ms: now), actor: actor, entity: entity,
      sequence: 1, event: event, hasSecret: false)
    do {
      try models.fold(record)
    } catch {
      preconditionFailure("the script's records are in order: \(error)")
    }
  }

  mutating func emit(_ event: UserEvent, by actor: UserID) {
    emit(.user(event), by: actor, .user(actor))
  }

  mutating func signUp(_ name: String) -> UserID {
    let user = UserID(newID())
    emit(.signedUp(username: Username(name)!, fields: []), by: user)
    return user
  }

  mutating func people(_ count: Int) -> [UserID] {
    (0..<count).map { signUp("person\($0)") }
  }

  @discardableResult
  mutating func post(
    by author: UserID, tags: [String] = [], visibility: Visibility = .public,
    reply: (post: PostID, author: UserID)? = nil, mentions: [UserID] = []
  ) -> PostID {
    let post = PostID(newID())
    emit(
      .post(.published(facts(author, tags, visibility, reply, mentions))), by: author, .post(post))
    return post
  }

  mutating func delete(
    _ post: PostID, by author: UserID, tags: [String] = [],
    reply: (post: PostID, author: UserID)? = nil
  ) {
    emit(.post(.deleted(facts(author, tags, .public, reply, []))), by: author, .post(post))
  }

  mutating func like(_ post: PostID, of author: UserID, by actor: UserID) {
    emit(.post(.liked(author: author)), by: actor, .post(post))
  }

  mutating func unlike(_ post: PostID, of author: UserID, by actor: UserID) {
    emit(.post(.unliked(author: author)), by: actor, .post(post))
  }

  func inbox(_ owner: UserID) -> [InboxEntry] {
    models.inboxPage(of: owner, asOf: models.position, limit: 1_000).map(\.item)
  }

  private func facts(
    _ author: UserID, _ tags: [String], _ visibility: Visibility,
    _ reply: (post: PostID, author: UserID)?, _ mentions: [UserID]
  ) -> PostFacts {
    PostFacts(
      author: author, visibility: visibility,
      reply: reply.map {
        ReplyReference(parent: $0.post, parentAuthor: $0.author, root: $0.post)
      },
      tags: tags.map { Tag(folded: $0) }, mentions: mentions)
  }
}
