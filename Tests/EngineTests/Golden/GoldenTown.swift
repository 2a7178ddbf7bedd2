import Domain
import Engine
import Entities
import Journal

/// A small town in which everything happens once that can happen: the same bytes every time.
///
/// Makes `Snapshots/v1`, `v2`, …. Each version first tells the story of the one before. Never
/// change what is told: what it made before must remain readable.
struct GoldenTown {
  static let seed: UInt64 = 2_012
  static let opening = Instant(ms: 1_341_360_000_000)

  var engine: OfflineEngine
  let store: SnapshotStore
  var people: [String: UserID] = [:]

  /// Fills an empty directory; the snapshot in it stands before the end of the journal.
  static func make(in directory: String, version: String) throws {
    let clock = SetClock(opening)
    let journal = try Journal.open(
      directory: directory, clock: clock, random: SeededRandom(seed: seed))
    defer { journal.drainAndStop() }
    var town = GoldenTown(
      engine: OfflineEngine(journal: journal, clock: clock),
      store: try SnapshotStore(directory: directory))
    try town.moveIn()
    try town.meet()
    let posts = try town.write()
    try town.react(to: posts)
    let chat = try town.talk()
    try town.engine.commit()
    _ = try town.engine.state.writeSnapshot(into: town.store, of: journal, at: clock.now)
    try town.goOn(posts, chat)
    try town.engine.commit()
    if version != "v1" {
      try town.tellSecondPart(posts)
      try town.engine.commit()
      _ = try town.engine.state.writeSnapshot(into: town.store, of: journal, at: clock.now)
      if !["v2", "v3"].contains(version) { try town.haveBusyHour(posts) }
      try town.endSecondPart(posts)
      try town.engine.commit()
    }
    try journal.destroyKey(of: town.id("erna"))
  }

  private init(engine: OfflineEngine, store: SnapshotStore) {
    self.engine = engine
    self.store = store
  }

  func id(_ name: String) -> UserID { people[name] ?? .system }

  func pass(ms: Int64) { engine.clock.set(engine.clock.now.adding(ms: ms)) }

  mutating func user(
    _ name: String, _ command: UserCommand, key: String? = nil
  ) throws {
    pass(ms: 1_500)
    let request = key.map {
      RequestKey(key: Array($0.utf8), argumentsDigest: blake2b256(Array(name.utf8)))
    }
    _ = try engine.perform(command, by: id(name), request: request)
  }

  mutating func post(
    _ name: String, _ command: PostCommand, _ post: PostID
  ) throws {
    pass(ms: 700)
    _ = try engine.perform(command, on: post, by: id(name))
  }

  private mutating func moveIn() throws {
    for (name, secret) in [
      ("alice", Secret([.name: "Alice", .passwordHash: "$argon2id$alice", .email: "a@b.ch"])),
      ("bob", Secret([.name: "Bob 🦊"])), ("carla", nil), ("dora", nil),
      ("erna", Secret([.name: "Erna, who will be erased"])),
    ] as [(String, Secret?)] {
      pass(ms: 60_000)
      people[name] = UserID(engine.ids.next())
      guard let username = Username(name) else { continue }
      try user(name, .signUp(username: username, secret: secret), key: "sign up \(name)")
    }
    try user("alice", .changePassword(secret: Secret([.passwordHash: "$argon2id$new"])))
    try user(
      "bob",
      .changeProfile(
        isPrivate: true, messages: .following, secret: Secret([.bio: "日本語 and Grüße"])))
    try engine.commit()
    let phone = TokenID(engine.ids.next())
    let laptop = TokenID(engine.ids.next())
    try user(
      "alice",
      .issueToken(
        phone, scope: .write, expires: engine.clock.now.adding(ms: 86_400_000),
        hash: blake2b256([1]), secret: Secret([.label: "phone"]), granted: .write))
    try user(
      "alice",
      .issueToken(
        laptop, scope: .read, expires: nil, hash: blake2b256([2]), secret: nil, granted: .write))
    try user("alice", .revokeToken(phone))
  }

  private mutating func meet() throws {
    try user("carla", .follow(id("alice"), targetIsPrivate: false))
    try user("dora", .follow(id("alice"), targetIsPrivate: false))
    try user("dora", .unfollow(id("alice")))
    try user("dora", .follow(id("alice"), targetIsPrivate: false))
    for name in ["alice", "carla", "dora"] {
      try user(name, .follow(id("bob"), targetIsPrivate: true))
    }
    try user("bob", .accept(id("alice")))
    try user("bob", .reject(id("carla")))
    try user("dora", .unfollow(id("bob")))
    try user("alice", .block(id("erna")))
    try user("alice", .unblock(id("erna")))
    try user("carla", .block(id("erna")))
    try user("alice", .mute(id("dora")))
    try user("carla", .mute(id("dora")))
    try user("alice", .unmute(id("dora")))
    try user("dora", .answerRequest(.word("nothing to do")), key: "an idle request")
    try engine.commit()
  }

  mutating func publish(
    _ author: String, _ text: String, visibility: Visibility = .public,
    reply: ReplyReference? = nil, quote: QuoteReference? = nil, warning: String? = nil
  ) throws -> PostID {
    pass(ms: 90_000)
    let found = try TextScanner.scan(text)
    let post = PostID(engine.ids.next())
    let facts = PostFacts(
      author: id(author), visibility: visibility, reply: reply, quote: quote, tags: found.tags,
      mentions: found.mentions.compactMap { people[$0.text] })
    var fields: [Secret.Field: String] = [.text: text]
    fields[.warning] = warning
    try self.post(author, .publish(facts, secret: Secret(fields)), post)
    return post
  }

  private mutating func write() throws -> [PostID] {
    let first = try publish("alice", "Good morning, @bob and @carla! #town #Ｍorning")
    let reply = ReplyReference(parent: first, parentAuthor: id("alice"), root: first)
    let second = try publish("bob", "Guten Morgen 👋 \"Alice\"\n#town", reply: reply)
    let deeper = ReplyReference(parent: second, parentAuthor: id("bob"), root: first)
    let third = try publish("erna", "I was here. #town", reply: deeper)
    let quote = QuoteReference(post: first, author: id("alice"))
    let fourth = try publish("dora", "Look at this", quote: quote, warning: "early risers")
    let fifth = try publish("alice", "For followers", visibility: .followers)
    let sixth = try publish("alice", "For friends", visibility: .friends)
    let seventh = try publish("carla", "To myself: #secret", visibility: .private)
    try engine.commit()
    return [first, second, third, fourth, fifth, sixth, seventh]
  }

  private mutating func react(to posts: [PostID]) throws {
    for name in ["bob", "carla", "dora"] { try post(name, .like, posts[0]) }
    try post("dora", .unlike, posts[0])
    for name in ["carla", "dora"] {
      try post(name, .share(ShareID(engine.ids.next()), authorIsPrivate: false), posts[0])
    }
    try post("dora", .unshare, posts[0])
    try post("dora", .delete, posts[3])
    let tag = Tag(folded: "town")
    pass(ms: 1_000)
    _ = try engine.perform(.review(trendingAllowed: true), on: tag, by: .system)
    let inbox = engine.state.position
    try user("alice", .readInboxItems([inbox]))
    try user("carla", .readInbox(through: inbox))
  }

  mutating func say(
    _ name: String, _ text: String, in chat: ChatID, reply: MessageID? = nil
  ) throws -> MessageID {
    pass(ms: 10_000)
    let message = MessageID(engine.ids.next())
    _ = try engine.perform(
      .say(message, reply: reply, secret: Secret([.text: text])), on: chat, by: id(name))
    return message
  }

  private mutating func talk() throws -> ChatID {
    let direct = ChatID(engine.ids.next())
    _ = try engine.perform(
      .open(isDirect: true, members: [id("alice"), id("bob")], secret: nil), on: direct,
      by: id("alice"))
    let hello = try say("alice", "Just for you", in: direct)
    _ = try engine.perform(.read(through: hello), on: direct, by: id("bob"))
    let group = ChatID(engine.ids.next())
    _ = try engine.perform(
      .open(
        isDirect: false, members: [id("carla"), id("dora"), id("erna")],
        secret: Secret([.title: "Neighbours"])), on: group, by: id("carla"))
    let question = try say("erna", "Will this stay?", in: group)
    _ = try say("carla", "Not all of it", in: group, reply: question)
    _ = try engine.perform(.leave, on: group, by: id("dora"))
    return group
  }

  /// What comes after the snapshot.
  private mutating func goOn(_ posts: [PostID], _ chat: ChatID) throws {
    pass(ms: 3_600_000)
    try user("erna", .follow(id("dora"), targetIsPrivate: false))
    let reply = ReplyReference(parent: posts[2], parentAuthor: id("erna"), root: posts[0])
    _ = try publish("carla", "The day after #town", reply: reply)
    try post("alice", .like, posts[1])
    try post("alice", .delete, posts[4])
    _ = try say("carla", "The last word", in: chat)
  }
}
