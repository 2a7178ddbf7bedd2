import Domain
import Engine
import Entities
import Journal
import Testing

struct ReplayTests {
  @Test func `a replay ends at a position or at a moment`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 41)
    await people.live(200)
    await town.settle()
    let digests = try await town.engine.digests()
    let moment = town.clock.now
    town.clock.set(moment.adding(ms: 1))
    await people.live(100, from: "later")
    await town.close()
    let reader = try JournalReader(directory: directory.path)
    #expect(
      try Replay(reader, through: .position(digests.position)).refold.digests() == digests)
    #expect(try Replay(reader, through: .time(moment)).refold.digests() == digests)
    #expect(try Replay(reader, through: .position(.zero)).refold.position == .zero)
    #expect(
      try Replay(reader, through: .time(moment.adding(ms: -86_400_000))).refold.position == .zero)
    let end = try reader.head().position
    #expect(try Replay(reader, through: .position(Position(.max))).refold.position == end)
  }

  @Test func `an entity is shown with its text, and without it once it is erased`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let engine = town.engine
    let id = UserID(engine.shards[0].ids.next())
    let name = try #require(Username("alice"))
    _ = try await engine.shard(of: .user(id)).directory.users.findOrMake(id).perform(
      .signUp(username: name, secret: Secret([.name: "Alice \"A\" Liddell"])), by: id)
    let post = PostID(engine.shards[0].ids.next())
    _ = try await engine.shard(of: .post(post)).directory.posts.findOrMake(post).perform(
      .publish(
        PostFacts(author: id, visibility: .public, tags: [Tag(folded: "rabbits")]),
        secret: Secret([.text: "Down the #rabbits hole\n🐇"])), by: id)
    await town.settle()
    await town.close()

    let replay = try Replay(try JournalReader(directory: directory.path), through: .end)
    let user = try #require(try replay.view(of: .user("alice"))).text
    #expect(user.contains(#""name":"Alice \"A\" Liddell""#))
    #expect(try replay.view(of: .user("\(id)"))?.text == user)
    #expect(try replay.view(of: .user("nobody")) == nil)
    let shown = try #require(try replay.view(of: .post(post))).text
    #expect(shown.contains(#""text":"Down the #rabbits hole\n🐇""#))
    #expect(try replay.view(of: .tag(Tag(folded: "rabbits")))?.text.contains(#""uses":1"#) == true)
    let trends = replay.trendingTags(count: 3)
    #expect(trends.map(\.subject) == ["#rabbits"])
  }

  @Test func `a chat is shown with roles, and without what was taken back`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let engine = town.engine
    let alice = UserID(engine.shards[0].ids.next())
    let name = try #require(Username("alice"))
    _ = try await engine.shard(of: .user(alice)).directory.users.findOrMake(alice).perform(
      .signUp(username: name, secret: nil), by: alice)
    let id = ChatID(engine.shards[0].ids.next())
    let chat = engine.shard(of: .chat(id)).directory.chats.findOrMake(id)
    _ = try await chat.perform(
      .open(isDirect: false, members: [alice, UserID(7)], secret: Secret([.title: "Tea"])),
      by: alice)
    let messages = (0..<2).map { _ in MessageID(engine.shards[0].ids.next()) }
    for (message, text) in zip(messages, ["The Hatter is mad", "More tea?"]) {
      _ = try await chat.perform(
        .say(message, reply: nil, secret: Secret([.text: text])), by: alice)
    }
    _ = try await chat.perform(.unsay(messages[0]), by: alice)
    _ = try await chat.perform(.remove(UserID(7)), by: alice)
    _ = try await chat.perform(.setTitle(Secret([.title: "Mad tea"])), by: alice)
    await town.settle()
    await town.close()
    let replay = try Replay(try JournalReader(directory: directory.path), through: .end)
    let shown = try #require(try replay.view(of: .chat(id))).text
    #expect(shown.contains(#""title":"Mad tea""#) && shown.contains("More tea?"))
    #expect(shown.contains(#""text":null,"unsaid":true"#) && !shown.contains("Hatter"))
    #expect(shown.contains(#"{"user":"alice","left":false,"role":"admin""#))
    #expect(shown.contains(#"{"user":"7","left":true,"role":"member""#))
  }

  @Test func `erased text is not shown`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let engine = town.engine
    let id = UserID(engine.shards[0].ids.next())
    let name = try #require(Username("bob"))
    _ = try await engine.shard(of: .user(id)).directory.users.findOrMake(id).perform(
      .signUp(username: name, secret: Secret([.name: "Bob"])), by: id)
    await town.settle()
    try town.journal.destroyKey(of: id)
    await town.close()
    let replay = try Replay(try JournalReader(directory: directory.path), through: .end)
    #expect(try replay.view(of: .user("bob"))?.text.contains(#""name":null"#) == true)
  }

  @Test(arguments: [
    ("user:alice", true), ("post:12", true), ("chat:9", true), ("tag:higgs", true),
    ("tag:#higgs", true), ("post:x", false), ("alice", false), ("thing:1", false),
    ("user:", false), ("post:0", false),
  ])
  func `entities are named by kind and name`(text: String, isValid: Bool) {
    #expect((EntityAddress(text) != nil) == isValid)
  }

  @Test(arguments: [
    ("2012-07-04T08:00:00Z", 1_341_388_800_000), ("2012-07-04", 1_341_360_000_000),
    ("2012-07-04T08:00", 1_341_388_800_000), ("2012-07-04T08:00:00.25Z", 1_341_388_800_250),
    ("2012-07-04T10:00:00+02:00", 1_341_388_800_000), ("1970-01-01T00:00:00Z", 0),
    ("2000-02-29T23:59:59Z", 951_868_799_000), ("1969-12-31T23:59:59.999Z", -1),
  ])
  func `times are read as ISO 8601`(text: String, ms: Int64) {
    #expect(CalendarTime.parse(text) == Instant(ms: ms))
  }

  @Test(arguments: [
    "2012-13-01", "2012-02-30", "2013-02-29", "2012-07-04T24:00:00Z", "2012-07-04T08:00:00Zx",
    "04.07.2012", "", "2012-07-04T", "2012-07-04T08:00:00.Z",
  ])
  func `what is no time is refused`(text: String) {
    #expect(CalendarTime.parse(text) == nil)
  }

  @Test(arguments: [0, -1, 951_868_799_000, 1_341_388_800_250, 253_402_300_799_999] as [Int64])
  func `a time that is written reads back`(ms: Int64) {
    #expect(CalendarTime.parse(CalendarTime.text(Instant(ms: ms))) == Instant(ms: ms))
  }
}
