import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Visibility × relation × what became of the post × kind of account, on every path.
@Suite
struct PrivacyMatrixTests {
  static let visibilities = ["public", "followers", "friends", "private"]

  @Test(arguments: Fate.allCases, [false, true])
  func `every path shows a post to whom it may, and to nobody else`(
    fate: Fate, accountIsPrivate: Bool
  ) async throws {
    let town = try await PrivacyTown(fate: fate, accountIsPrivate: accountIsPrivate)
    var cells = 0
    for visibility in Self.visibilities {
      for relation in Relation.allCases {
        let cell = Cell(
          visibility: visibility, relation: relation, fate: fate,
          accountIsPrivate: accountIsPrivate)
        // Quoting writes, and is asked last.
        for path in Path.allCases.filter({ $0 != .quote }) + [.quote] {
          guard let expected = cell.expected(path) else { continue }
          let found = try await town.ask(path, visibility, as: relation)
          #expect(found == expected, "\(visibility), \(relation), \(path)")
          cells += 1
        }
      }
    }
    let relations = Relation.allCases.count - (fate == .erased ? 1 : 0)
    #expect(cells == Self.visibilities.count * relations * Path.allCases.count)
  }

  @Test func `what is hidden is answered like what does not exist`() async throws {
    for fate in [Fate.draft, .underReview, .deleted, .expired, .published] {
      let town = try await PrivacyTown(fate: fate, accountIsPrivate: false)
      for relation in [Relation.stranger, .anonymous, .blocking, .blockedBy, .follower] {
        let viewer = await town.connect(as: relation)
        let hidden = try #require(town.posts["private"])
        for command in ["GET", "THREAD", "LIKES", "SHARES", "EDITS", "LIKE", "UNLIKE", "SHARE"] {
          let reply = await viewer(command, hidden)
          #expect(await viewer(command, "4611686018427387904") == reply, "\(command), \(relation)")
          #expect(reply.code != nil)
        }
      }
    }
  }
}

/// Four authors with a post of each visibility, whoever may look at them, and what became of the
/// posts.
private struct PrivacyTown {
  let world: TestWorld
  private(set) var posts: [String: String] = [:]
  private var authors: [String: TestConnection] = [:]
  private var viewers: [Relation: TestConnection] = [:]
  /// Of each viewer, by the author who is its only member.
  private var lists: [String: [Relation: String]] = [:]
  /// Where the journal stood before the posts.
  private var start = Position.zero

  init(fate: Fate, accountIsPrivate: Bool) async throws {
    world = try await TestWorld(shards: 2)
    for relation in Relation.allCases where relation != .oneself && relation != .anonymous {
      viewers[relation] = await world.person(relation.username)
    }
    viewers[.anonymous] = await world.connect()
    for visibility in PrivacyMatrixTests.visibilities {
      authors[visibility] = await world.person(Self.author(visibility))
      await list(visibility)
      await relate(to: visibility)
      if accountIsPrivate { _ = await authors[visibility]?("PROFILE", "SET", "private", "on") }
    }
    await rest()
    start = world.journal.durable
    for visibility in PrivacyMatrixTests.visibilities {
      posts[visibility] = try await write(visibility, fate)
    }
    for visibility in PrivacyMatrixTests.visibilities {
      try await bring(visibility, to: fate)
    }
    if fate == .expired { world.clock.advance(ms: PostState.storyMs) }
    await rest()
  }

  /// Returns when everything is durable and folded.
  private func rest() async {
    await world.engine.reached(world.journal.enqueued)
    await world.settle()
  }

  private static func author(_ visibility: String) -> String { "a_" + visibility }
  private static func marker(_ visibility: String) -> String { "text-of-\(visibility)" }

  /// Before anybody blocks anybody: who is in a list stays in.
  private mutating func list(_ visibility: String) async {
    var owners = viewers
    owners[.oneself] = authors[visibility]
    for (relation, owner) in owners where relation != .anonymous {
      let list = await owner("LIST", "NEW", visibility).string ?? ""
      _ = await owner("LIST", "ADD", list, Self.author(visibility))
      lists[visibility, default: [:]][relation] = list
    }
  }

  private func relate(to visibility: String) async {
    let name = Self.author(visibility)
    guard let author = authors[visibility] else { return }
    for (relation, viewer) in viewers where relation != .stranger && relation != .anonymous {
      _ = await viewer("FOLLOW", name)
      if [.friend, .blocking, .blockedBy, .mutingFriend].contains(relation) {
        _ = await author("FOLLOW", relation.username)
      }
      switch relation {
      case .blocking: _ = await viewer("BLOCK", name)
      case .blockedBy: _ = await author("BLOCK", relation.username)
      case .mutingFollower, .mutingFriend: _ = await viewer("MUTE", name)
      case .oneself, .follower, .friend, .stranger, .anonymous: break
      }
    }
  }

  private func write(_ visibility: String, _ fate: Fate) async throws -> String {
    let author = try #require(authors[visibility])
    let mentions = Relation.allCases.map { "@" + $0.username }.joined(separator: " ")
    var words = [
      "POST", "\(Self.marker(visibility)) #m\(visibility) \(mentions)", "VISIBILITY", visibility,
    ]
    switch fate {
    case .draft: words += ["DRAFT"]
    case .scheduled: words += ["AT", "\(world.clock.now.ms + 3_600_000)"]
    case .story, .expired: words += ["STORY"]
    case .published, .underReview, .removed, .deleted, .erased: break
    }
    let post = try #require(await author.call(words).string)
    // So that it trends, and may stand among bookmarks.
    _ = await author("LIKE", post)
    _ = await author("BOOKMARK", post)
    for viewer in viewers.values { _ = await viewer("BOOKMARK", post) }
    return post
  }

  private func bring(_ visibility: String, to fate: Fate) async throws {
    let author = try #require(authors[visibility])
    let post = try #require(posts[visibility])
    let reply: Reply
    switch fate {
    case .draft, .scheduled, .published, .story, .expired: return
    case .underReview: reply = try await moderate(post, "review", visibility)
    case .removed: reply = try await moderate(post, "remove", visibility)
    case .deleted: reply = await author("DELETE", post)
    case .erased: reply = await author("ERASE", TestWorld.password)
    }
    #expect(reply == .ok)
  }

  /// Moderators do not see private posts; whatever hides those does it past them.
  private func moderate(
    _ post: String, _ action: String, _ visibility: String
  ) async throws -> Reply {
    let admin = try await world.admin()
    guard visibility == "private" else { return await admin("MODERATE", post, action) }
    #expect(await admin("MODERATE", post, action).code == "NOTFOUND")
    let entity = try world.service.post(#require(PostID(text: post)))
    let moderation = action == "review" ? Moderation.underReview : .removed
    _ = try await entity.perform(.moderate(moderation, secret: nil), by: .system)
    return .ok
  }

  /// A connection of its own for somebody.
  func connect(as relation: Relation, _ visibility: String = "public") async -> TestConnection {
    let connection = await world.connect()
    switch relation {
    case .anonymous: break
    case .oneself: _ = await connection("AUTH", Self.author(visibility), TestWorld.password)
    default: _ = await connection("AUTH", relation.username, TestWorld.password)
    }
    return connection
  }

  func ask(_ path: Path, _ visibility: String, as relation: Relation) async throws -> Answer {
    let viewer = try #require(relation == .oneself ? authors[visibility] : viewers[relation])
    let post = try #require(posts[visibility])
    switch path {
    case .get: return Self.answer(await viewer("GET", post))
    case .thread: return Self.answer(await viewer("THREAD", post))
    case .likes: return Self.answer(await viewer("LIKES", post))
    case .shares: return Self.answer(await viewer("SHARES", post))
    case .edits: return Self.answer(await viewer("EDITS", post))
    case .quote: return Self.answer(await viewer("POST", "see", "QUOTE", post))
    case .home: return shows(await viewer("HOME", "COUNT", "200"), visibility)
    case .list:
      let list = lists[visibility]?[relation] ?? "1"
      return shows(await viewer("TIMELINE", "LIST", list, "COUNT", "200"), visibility)
    case .timeline: return shows(await viewer("TIMELINE", Self.author(visibility)), visibility)
    case .tag: return shows(await viewer("TAG", "m\(visibility)"), visibility)
    case .everybody: return shows(await viewer("PUBLIC", "COUNT", "200"), visibility)
    case .stories: return shows(await viewer("STORIES"), visibility)
    case .bookmarks: return shows(await viewer("BOOKMARKS"), visibility)
    case .trending: return shows(await viewer("TRENDING", "POSTS", "COUNT", "200"), visibility)
    case .inbox:
      let items = await viewer("INBOX").items
      let isThere = items.contains { $0["kind"] == .text("mention") && $0["post"] == .text(post) }
      return isThere ? .shown : .hidden
    case .subscribeHome, .subscribeTag, .subscribeUser, .subscribePublic, .subscribePost:
      return await subscribe(path, visibility, as: relation)
    }
  }

  /// What a subscription brings that begins before the posts; of a post's own channel, whether it
  /// can be subscribed to.
  private func subscribe(
    _ path: Path, _ visibility: String, as relation: Relation
  ) async -> Answer {
    let channel =
      switch path {
      case .subscribeHome: "home"
      case .subscribeTag: "tag:m\(visibility)"
      case .subscribeUser: "user:\(Self.author(visibility))"
      case .subscribePost: "post:\(posts[visibility] ?? "")"
      default: "public"
      }
    let listener = await connect(as: relation, visibility)
    let confirmation = await listener("SUBSCRIBE", "\(channel)@\(start.raw)")
    defer { Task { await listener.session.close() } }
    if path == .subscribePost { return Self.answer(confirmation) }
    if confirmation.code != nil { return .hidden }
    await rest()
    let messages = listener.pending().map { "\($0)" }
    return messages.contains { $0.contains(Self.marker(visibility)) } ? .shown : .hidden
  }

  private func shows(_ reply: Reply, _ visibility: String) -> Answer {
    "\(reply)".contains(Self.marker(visibility)) ? .shown : .hidden
  }

  private static func answer(_ reply: Reply) -> Answer {
    switch reply.code {
    case nil: .shown
    case "NOTFOUND": .hidden
    case "GONE": .gone
    default: .refused
    }
  }
}
