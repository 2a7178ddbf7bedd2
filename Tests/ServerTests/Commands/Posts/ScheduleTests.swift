import Domain
import Engine
import Journal
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct ScheduleTests {
  static let lists = [["HOME"], ["PUBLIC"], ["TAG", "higgs"], ["TIMELINE", "alice"]]

  static func ids(_ reply: Reply) -> [String?] { reply.items.map { $0["id"]?.string } }

  @Test(arguments: ["REPLY", "QUOTE"], [true, false])
  func `a draft that answers or quotes somebody is not published past a block`(
    _ option: String, _ isBlockedByOther: Bool
  ) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await alice("POST", "hello").string ?? ""
    let draft = await bob("POST", "hey", option, post, "DRAFT").string ?? ""
    let own = await bob("POST", "my own", "DRAFT").string ?? ""
    if isBlockedByOther {
      #expect(await alice("BLOCK", "bob") == .ok)
    } else {
      #expect(await bob("BLOCK", "alice") == .ok)
    }
    #expect(await bob("PUBLISH", draft).code == "NOTFOUND")
    #expect(await bob("PUBLISH", own).code == nil)
    #expect(await alice("GET", post)[option == "REPLY" ? "replies" : "quotes"] == .integer(0))
    if isBlockedByOther {
      #expect(await alice("UNBLOCK", "bob") == .ok)
    } else {
      #expect(await bob("UNBLOCK", "alice") == .ok)
    }
    #expect(await bob("PUBLISH", draft).code == nil)
  }

  @Test func `a scheduled post appears at its time, in its place, and not before`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    #expect(await bob("FOLLOW", "alice").string == "following")
    let first = await alice("POST", "first #higgs").string ?? ""
    let time = world.clock.now.ms + 60_000
    let later = await alice("POST", "later #higgs @bob", "AT", "\(time)").string ?? ""
    world.clock.advance(ms: 30_000)
    let second = await alice("POST", "second #higgs").string ?? ""

    let draft = await alice("GET", later)
    #expect(draft["status"]?.string == "scheduled")
    #expect(draft["scheduled_at"] == .integer(time))
    #expect(await bob("GET", later).code == "NOTFOUND")
    #expect(await bob("UNREAD") == .integer(0))
    world.clock.advance(ms: 29_999)
    #expect(await world.engine.performDue() == 0)
    for words in Self.lists { #expect(Self.ids(await bob.call(words)) == [second, first]) }
    #expect(Self.ids(await alice("DRAFTS")) == [later])
    #expect(await alice("PROFILE", "alice")["posts"] == .integer(2))

    world.clock.advance(ms: 1)
    #expect(await world.engine.performDue() == 1)
    await world.engine.reached(world.journal.enqueued)
    let shown = await bob("GET", later)
    #expect(shown["status"]?.string == "published")
    #expect(shown["created_at"] == .integer(time))
    #expect(shown["edited_at"] == .null && shown["scheduled_at"] == nil)
    #expect(await bob("UNREAD") == .integer(1))
    #expect(await alice("DRAFTS").items.isEmpty)
    world.clock.advance(ms: 1_000)
    let third = await alice("POST", "third #higgs").string ?? ""
    for words in Self.lists {
      #expect(Self.ids(await bob.call(words)) == [third, later, second, first], "\(words)")
    }
    #expect(await alice("PROFILE", "alice")["posts"] == .integer(4))
  }

  @Test(arguments: [1, 2, 3])
  func `pages read across a publication neither repeat nor skip`(_ count: Int) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    var expected: [String?] = []
    var time: Int64 = 0
    for number in 0..<6 {
      world.clock.advance(ms: 1_000)
      if number == 3 {
        time = world.clock.now.ms + 10_000
        #expect(await alice("POST", "later #higgs", "AT", "\(time)").code == nil)
      }
      expected.append(await alice("POST", "post \(number) #higgs").string)
    }
    world.clock.advance(ms: 10_000)
    for words in Self.lists {
      var found: [String?] = []
      var cursor: String?
      for page in 0..<20 {
        let reply = await alice.call(
          words + ["COUNT", "\(count)"] + (cursor.map { ["AFTER", $0] } ?? []))
        found += Self.ids(reply)
        if page == 0, words == Self.lists[0] {
          #expect(await world.engine.performDue() == 1)
          await world.engine.reached(world.journal.enqueued)
        }
        cursor = reply["cursor"]?.string
        if reply["end"] == .integer(1) { break }
      }
      // The first list was begun before the publication; all the others have the post on top.
      let tail = words == Self.lists[0] ? found : Array(found.dropFirst())
      #expect(tail == expected.reversed(), "\(words)")
    }
  }

  @Test func `DRAFTS pages the own drafts, the newest first`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var expected: [String?] = []
    for number in 0..<7 {
      world.clock.advance(ms: 1_000)
      let later = ["AT", "\(world.clock.now.ms + 1_000_000)"]
      let words = ["POST", "draft \(number)"] + (number.isMultiple(of: 2) ? ["DRAFT"] : later)
      expected.append(await alice.call(words).string)
    }
    #expect(Self.ids(await alice("DRAFTS")) == expected.reversed())
    #expect(await bob("DRAFTS").items.isEmpty)
    let page = await alice("DRAFTS", "COUNT", "3")
    #expect(Self.ids(page) == [6, 5, 4].map { expected[$0] })
    #expect(await alice("DELETE", expected[3] ?? "") == .ok)
    #expect(await alice("PUBLISH", expected[1] ?? "").string == expected[1])
    #expect(await alice("POST", "newer", "DRAFT").code == nil)
    let rest = await alice("DRAFTS", "AFTER", page["cursor"]?.string ?? "")
    #expect(Self.ids(rest) == [2, 0].map { expected[$0] })
    #expect(rest["end"] == .integer(1))
    #expect(
      await bob("DRAFTS", "AFTER", page["cursor"]?.string ?? "").code == "INVALID")
  }

  @Test func `a draft that answers counts and tells nobody until it is published`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await bob("POST", "What is it?").string ?? ""
    let draft = await alice("REPLY", post, "A boson", "DRAFT").string ?? ""
    #expect(await bob("GET", post)["replies"] == .integer(0))
    #expect(await bob("THREAD", post).items.count == 1)
    #expect(await bob("INBOX").items.isEmpty)
    #expect(await alice("PUBLISH", draft).string == draft)
    #expect(await bob("GET", post)["replies"] == .integer(1))
    #expect(Self.ids(await bob("THREAD", post)) == [post, draft])
    #expect(await bob("INBOX").items.map { $0["kind"]?.string } == ["reply"])
  }

  @Test func `an edited draft is published with its new text at its old time`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let time = world.clock.now.ms + 1_000
    let draft = await alice("POST", "one", "AT", "\(time)").string ?? ""
    #expect(await alice("EDIT", draft, "two #higgs") == .ok)
    #expect(await alice("GET", draft)["scheduled_at"] == .integer(time))
    world.clock.advance(ms: 1_000)
    #expect(await world.engine.performDue() == 1)
    await world.engine.reached(world.journal.enqueued)
    let item = try #require(await alice("TAG", "higgs").items.first)
    #expect(item["text"]?.string == "two #higgs")
    #expect(item["edited_at"] == .null)
    #expect(await alice("EDITS", draft).items.count == 1)
  }
}
