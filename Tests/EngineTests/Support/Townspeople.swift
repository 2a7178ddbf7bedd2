import Domain
import Engine
import Entities
import Journal

/// Does random things of every kind in a town, so that in the long run every event occurs.
struct Townspeople {
  private var generator: SeededGenerator
  let town: Town
  private(set) var users: [UserID] = []
  var posts: [(id: PostID, facts: PostFacts)] = []
  var drafts: [(id: PostID, facts: PostFacts)] = []
  var polls: [(id: PostID, facts: PostFacts)] = []
  private(set) var chats: [(id: ChatID, members: [UserID])] = []
  private var messages: [ChatID: [MessageID]] = [:]
  private var tokens: [(user: UserID, token: TokenID)] = []
  var lists: [(owner: UserID, list: ListID)] = []
  var reports: [(reporter: UserID, report: ReportID)] = []

  init(_ town: Town, seed: UInt64) {
    self.town = town
    generator = SeededGenerator(seed: seed)
  }

  /// So many things are tried; those that the rules refuse do not happen.
  mutating func live(_ steps: Int, from name: String = "u") async {
    for step in 0..<steps {
      town.clock.set(town.clock.now.adding(ms: Int64(random(40_000))))
      if users.count < 3 || random(16) == 0 {
        await signUp("\(name)_\(step)")
      } else {
        try? await act(step)
      }
    }
  }

  mutating func random(_ count: Int) -> Int {
    Int.random(in: 0..<count, using: &generator)
  }

  /// Mostly one of a few, so that the same people meet again.
  mutating func user() -> UserID {
    users[random(random(4) == 0 ? users.count : min(6, users.count))]
  }

  mutating func post() -> (id: PostID, facts: PostFacts) {
    posts[random(3) == 0 ? random(posts.count) : max(0, posts.count - 1 - random(3))]
  }

  private mutating func signUp(_ name: String) async {
    let id = UserID(town.engine.shards[0].ids.next())
    guard let username = Username(name), town.engine.names.reserve(username, for: id) else {
      return
    }
    let secret: Secret? =
      random(3) == 0 ? nil : Secret([.name: "The \(name)", .passwordHash: "hash of \(name)"])
    _ = try? await entity(id).perform(
      .signUp(username: username, secret: secret), by: id)
    users.append(id)
  }

  func entity(_ id: UserID) -> EntityActor<UserState> {
    town.engine.shard(of: .user(id)).directory.users.findOrMake(id)
  }

  func entity(_ id: PostID) -> EntityActor<PostState> {
    town.engine.shard(of: .post(id)).directory.posts.findOrMake(id)
  }

  private func entity(_ id: ChatID) -> EntityActor<ChatState> {
    town.engine.shard(of: .chat(id)).directory.chats.findOrMake(id)
  }

  private mutating func act(_ step: Int) async throws {
    if random(4) == 0 { return try await live(withPosts: step) }
    switch random(13) {
    case 0...1, 10, 11: try await relate()
    case 2: try await settings(step)
    case 3...4: try await publish(step)
    case 5...7: try await react()
    case 8: try await chat(step)
    case 12: try await keep(step)
    default: try await rare(step)
    }
  }

  private mutating func relate() async throws {
    let one = user()
    let other = user()
    if random(4) == 0 { return try await answer(one) }
    let command: UserCommand =
      switch random(11) {
      case 0...4: .follow(other, targetIsPrivate: random(2) == 0)
      case 5...6: .unfollow(other)
      case 7: .block(other)
      case 8...9: .unblock(other)
      default: random(2) == 0 ? .mute(users[0]) : .unmute(users[0])
      }
    _ = try await entity(one).perform(command, by: one)
  }

  /// Accepts or rejects the oldest request, once it has arrived.
  private mutating func answer(_ one: UserID) async throws {
    await town.settle()
    guard let other = await entity(one).read({ $0.pendingRequests }).value.first else { return }
    let command: UserCommand = random(2) == 0 ? .accept(other) : .reject(other)
    _ = try await entity(one).perform(command, by: one)
  }

  private mutating func settings(_ step: Int) async throws {
    let one = user()
    let token = TokenID(town.engine.shards[0].ids.next())
    let command: UserCommand
    switch random(7) {
    case 6:
      let media = MediaID(town.engine.shards[0].ids.next())
      let secret = Secret([.link: "https://example.org/\(step)", .alt: "Picture \(step)"])
      command = .addMedia(media, random(2) == 0 ? .image : .video, secret: secret)
    case 0: command = .changePassword(secret: Secret([.passwordHash: "hash \(step)"]))
    case 1:
      command = .changeProfile(isPrivate: random(2) == 0, messages: .following, secret: nil)
    case 2:
      command = .changeProfile(
        isPrivate: nil, messages: nil, secret: Secret([.bio: "Bio \(step)", .name: "N"]))
    case 3:
      command = .issueToken(
        token, scope: .write, expires: random(2) == 0 ? nil : town.clock.now.adding(ms: 500_000),
        hash: blake2b256(Array("token \(step)".utf8)), secret: Secret([.label: "phone"]),
        granted: .write)
      tokens.append((one, token))
    case 4 where !tokens.isEmpty:
      let (owner, token) = tokens[random(tokens.count)]
      _ = try await entity(owner).perform(.revokeToken(token), by: owner)
      return
    default:
      let position = Position(UInt64(1 + random(Int(town.journal.enqueued.raw))))
      command = random(2) == 0 ? .readInbox(through: position) : .readInboxItems([position])
    }
    _ = try await entity(one).perform(command, by: one)
  }

  private mutating func publish(_ step: Int) async throws {
    let author = user()
    let id = PostID(town.engine.shards[0].ids.next())
    var facts = PostFacts(
      author: author, visibility: Visibility.allCases[max(0, random(8) - 4)],
      tags: random(2) == 0 ? [Tag(folded: "tag\(random(5))")] : [], mentions: [])
    if random(3) == 0 { facts.mentions = [user()] }
    if !posts.isEmpty, random(2) == 0 {
      let parent = posts[random(posts.count)]
      facts.reply = ReplyReference(
        parent: parent.id, parentAuthor: parent.facts.author,
        root: parent.facts.reply?.root ?? parent.id)
    } else if !posts.isEmpty, random(4) == 0 {
      let quoted = posts[random(posts.count)]
      facts.quote = QuoteReference(post: quoted.id, author: quoted.facts.author)
    }
    let secret = Secret([.text: "Words number \(step) 🐦"])
    let published = facts
    _ = try await entity(id).perform(.publish(published, secret: secret), by: author)
    posts.append((id, facts))
  }

  private mutating func react() async throws {
    guard !posts.isEmpty else { return }
    let post = post()
    let one = users[random(min(4, users.count))]
    let share = ShareID(town.engine.shards[0].ids.next())
    let command: PostCommand =
      switch random(8) {
      case 0...1: .like
      case 2...3: .unlike
      case 4...5: .share(share, authorIsPrivate: false)
      case 6: .unshare
      default: .delete
      }
    if case .delete = command {
      _ = try await entity(post.id).perform(.delete, by: post.facts.author)
    } else {
      _ = try await entity(post.id).perform(command, by: one)
    }
  }

  private mutating func chat(_ step: Int) async throws {
    if chats.count < 6 || random(20) == 0 {
      let id = ChatID(town.engine.shards[0].ids.next())
      let members = Array(Set((0...random(4)).map { _ in user() })).sorted()
      let isDirect = members.count == 2
      let title = isDirect ? nil : Secret([.title: "Chat \(step)"])
      _ = try await entity(id).perform(
        .open(isDirect: isDirect, members: members, secret: title), by: members[0])
      chats.append((id, members))
      return
    }
    let (id, members) = chats[random(chats.count)]
    let member = members[random(members.count)]
    let said = messages[id, default: []]
    switch random(12) {
    case 0...3:
      let message = MessageID(town.engine.shards[0].ids.next())
      let secret = Secret([.text: "Message \(step)"])
      let reply = random(3) == 0 ? said.last : nil
      let media = [MediaReference(id: MediaID(1), kind: .image, position: Position(1))]
      let carried = random(3) == 0 ? media : []
      _ = try await entity(id).perform(
        .say(message, reply: reply, media: carried, secret: secret), by: member)
      messages[id, default: []].append(message)
    case 4:
      guard let message = said.randomElement(using: &generator) else { return }
      _ = try await entity(id).perform(.unsay(message), by: member)
    case 7...10:
      try await manage(id, members, step)
    case 5...6:
      guard let message = said.randomElement(using: &generator) else { return }
      _ = try await entity(id).perform(.read(through: message), by: member)
    default:
      _ = try await entity(id).perform(.leave, by: member)
    }
  }

  /// What the admins of a group do, by one of them.
  private mutating func manage(_ id: ChatID, _ members: [UserID], _ step: Int) async throws {
    let admins = await entity(id).read { $0.members.filter(\.isAdmin).map(\.user) }.value
    guard let admin = admins.first else { return }
    let other = random(3) == 0 ? user() : members[random(members.count)]
    let title = random(3) == 0 ? nil : Secret([.title: "Title \(step)"])
    let commands: [ChatCommand] =
      switch random(8) {
      case 0...1: [.add(other)]
      case 2: [.remove(other)]
      case 3...4 where other != admin: [.remove(other), .add(other)]
      case 5: [.setRole(other, isAdmin: random(2) == 0)]
      default: [.setTitle(title)]
      }
    for command in commands { _ = try await entity(id).perform(command, by: admin) }
  }

  private mutating func rare(_ step: Int) async throws {
    let one = user()
    if random(4) == 0 {
      let isVerified = random(2) == 0
      _ = try await entity(one).perform(.verify(isVerified), by: .system)
    } else if random(12) == 0, users.count > 8 {
      // Nobody of the few who meet all the time.
      let gone = users[6 + random(users.count - 6)]
      let erased = try await entity(gone).perform(.erase, by: gone)
      await town.engine.reached(erased.position)
      try await town.engine.archivist.destroyKey(of: gone)
    } else if random(2) == 0 {
      let tag = Tag(folded: "tag\(random(5))")
      let allowed = random(2) == 0
      _ = try await town.engine.shard(of: .tag(tag)).directory.tags.findOrMake(tag)
        .perform(.review(trendingAllowed: allowed), by: one)
    } else {
      let key = RequestKey(
        key: Array("key \(step)".utf8), argumentsDigest: blake2b256([UInt8(step & 0xFF)]))
      _ = try await entity(one).perform(.answerRequest(.count(step)), by: one, request: key)
    }
  }
}
