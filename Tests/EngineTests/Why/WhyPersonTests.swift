import Domain
import Engine
import Entities
import Journal
import Testing

/// What an inbox says of one person: that person's deeds, and nothing that others did.
struct WhyPersonTests {
  /// A fresh journal with some people, in which something happens to the first of them.
  private struct Life {
    let directory = TemporaryDirectory()
    var people: Townspeople
    var town: Town { people.town }
    var owner: UserID { people.users[0] }

    init(count: Int) async throws {
      people = Townspeople(try await Town.open(directory.path), seed: 7)
      while people.users.count < count { await people.live(1, from: "p\(people.users.count)") }
    }

    func does(_ person: UserID, _ command: UserCommand) async throws -> Position {
      try await people.entity(person).perform(command, by: person).position
    }

    func does(_ person: UserID, _ command: PostCommand, to post: PostID) async throws -> Position {
      try await people.entity(post).perform(command, by: person).position
    }

    func does(_ person: UserID, _ command: ChatCommand, in chat: ChatID) async throws -> Position {
      try await town.engine.shard(of: .chat(chat)).directory.chats.findOrMake(chat)
        .perform(command, by: person).position
    }

    func id() -> UInt64 { town.engine.shards[0].ids.next() }

    func publish(
      by author: UserID, mentions: [UserID] = [], poll: PollFacts? = nil
    ) async throws -> (id: PostID, position: Position) {
      let post = PostID(id())
      var facts = PostFacts(author: author, visibility: .public, mentions: mentions)
      facts.poll = poll
      var words: [Secret.Field: String] = [.text: "words"]
      if poll != nil { words[.options] = "yes\nno" }
      let published = PostCommand.publish(facts, secret: Secret(words))
      return (post, try await does(author, published, to: post))
    }

    func openGroup(by opener: UserID, _ others: [UserID]) async throws -> ChatID {
      let chat = ChatID(id())
      _ = try await does(
        opener,
        .open(isDirect: false, members: [opener] + others, secret: Secret([.title: "t"])),
        in: chat)
      return chat
    }

    /// After the last thing has happened.
    func index() async throws -> HistoryIndex {
      await town.close()
      return try HistoryIndex(
        try JournalReader(directory: directory.path), directory: directory.path)
    }
  }

  private func why(
    _ index: HistoryIndex, _ owner: UserID, _ person: UserID
  ) throws -> Explanation {
    try WhyInbox(
      index, owner: owner, about: .person(person), at: index.head, Instant(ms: 0)
    ).explain()
  }

  private func positions(_ explanation: Explanation) -> [Position] {
    explanation.steps.map(\.record.position)
  }

  @Test func `what a muted person did is refused by the mute, whatever came later`() async throws {
    let life = try await Life(count: 5)
    let (owner, muted) = (life.owner, life.people.users[1])
    let post = try await life.publish(by: owner).id
    let mute = try await life.does(owner, .mute(muted))
    let like = try await life.does(muted, .like, to: post)
    _ = try await life.openGroup(by: owner, Array(life.people.users[2...]))
    let explanation = try why(try await life.index(), owner, muted)
    #expect(!explanation.verdict && explanation.reason == "muted")
    #expect(
      explanation.sentence.contains("at the time (position \(mute)); position \(like): "),
      "\(explanation.sentence)")
    #expect(positions(explanation) == [mute, like])
  }

  @Test func `what a blocked person did is taken back by the block, and then refused`()
    async throws
  {
    let life = try await Life(count: 5)
    let (owner, blocked) = (life.owner, life.people.users[1])
    let post = try await life.publish(by: owner).id
    let like = try await life.does(blocked, .like, to: post)
    _ = try await life.does(life.people.users[2], .like, to: post)
    let block = try await life.does(owner, .block(blocked))
    let others = Array(life.people.users[2...])
    _ = try await life.openGroup(by: owner, others)
    let mention = try await life.publish(by: blocked, mentions: [owner]).position
    let index = try await life.index()

    let before = try WhyInbox(
      index, owner: owner, about: .person(blocked), at: Position(mention.raw - 1), Instant(ms: 0)
    ).explain()
    #expect(!before.verdict && before.reason == "withdrawn")
    #expect(before.sentence.contains("taken back by the block at position \(block): "))
    #expect(positions(before) == [like, block])
    #expect(before.steps.map { $0.meaning?.hasPrefix("tells ") } == [true, false])

    let after = try why(index, owner, blocked)
    #expect(!after.verdict && after.reason == "blocked")
    #expect(after.sentence.contains("at the time (position \(block)); position \(mention): "))
    #expect(positions(after) == [like, block, mention])
  }

  @Test func `what others did to the same post is not listed`() async throws {
    let life = try await Life(count: 4)
    let (owner, bob, carla) = (life.owner, life.people.users[1], life.people.users[2])
    let post = try await life.publish(by: owner).id
    let first = try await life.does(bob, .like, to: post)
    _ = try await life.does(carla, .like, to: post)
    let end = try await life.does(bob, .unlike, to: post)
    _ = try await life.does(life.people.users[3], .like, to: post)
    _ = try await life.does(carla, .unlike, to: post)
    let again = try await life.does(bob, .like, to: post)
    let read = try await life.does(owner, .readInbox(through: again))
    let deletion = try await life.does(owner, .delete, to: post)
    let index = try await life.index()
    let explanation = try why(index, owner, bob)
    #expect(positions(explanation) == [first, end, again, read, deletion])
    let meanings = explanation.steps.map(\.meaning)
    #expect(meanings[0]?.hasPrefix("tells ") == true)
    #expect(
      Array(meanings[1...])
        == ["taken back", "listed again, tells nobody again", "read", "taken back"])
    #expect(explanation.reason == "withdrawn")
    #expect(explanation.sentence.contains("taken back at position \(deletion): "))
  }

  @Test func `an invitation is taken back by whoever removes the invited`() async throws {
    let life = try await Life(count: 3)
    let (owner, bob, carla) = (life.owner, life.people.users[1], life.people.users[2])
    let chat = try await life.openGroup(by: bob, [owner, carla])
    _ = try await life.does(bob, .setRole(carla, isAdmin: true), in: chat)
    let removal = try await life.does(carla, .remove(owner), in: chat)
    let index = try await life.index()
    let explanation = try why(index, owner, bob)
    #expect(explanation.reason == "withdrawn" && explanation.steps.count == 2)
    #expect(explanation.sentence.contains("taken back at position \(removal): "))
    #expect(try why(index, owner, carla).reason == "nothing")
  }

  @Test func `what a muted person did to others is no reason`() async throws {
    let life = try await Life(count: 3)
    let (owner, muted, other) = (life.owner, life.people.users[1], life.people.users[2])
    let poll = PollFacts(optionCount: 2, isMultiple: false, secondsOpen: nil)
    let post = try await life.publish(by: other, poll: poll).id
    _ = try await life.does(owner, .vote([0]), to: post)
    let mute = try await life.does(owner, .mute(muted))
    _ = try await life.does(muted, .like, to: post)
    let explanation = try why(try await life.index(), owner, muted)
    #expect(!explanation.verdict && explanation.reason == "nothing")
    #expect(positions(explanation) == [mute])
  }

  @Test func `what was scheduled is its author's, though the system publishes it`() async throws {
    let life = try await Life(count: 2)
    let (owner, author) = (life.owner, life.people.users[1])
    let post = PostID(life.id())
    let facts = PostFacts(author: author, visibility: .public, mentions: [owner])
    _ = try await life.does(
      author,
      .draft(
        facts, scheduled: life.town.clock.now.adding(ms: 60_000), secret: Secret([.text: "soon"])),
      to: post)
    life.town.clock.set(life.town.clock.now.adding(ms: 120_000))
    await life.town.settle()
    await life.town.engine.performDue()
    await life.town.settle()
    let explanation = try why(try await life.index(), owner, author)
    #expect(explanation.verdict && explanation.reason == "unread")
    #expect(explanation.steps.map { EventType($0.record.event) } == [.postReleased])
  }
}
