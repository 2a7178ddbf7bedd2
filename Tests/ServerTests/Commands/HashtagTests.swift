import Domain
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct HashtagTests {
  private static func text(_ items: [Reply]) -> [String?] { items.map { $0["text"]?.string } }

  @Test func `followed hashtags are listed, newest first, in pages`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for tag in ["#Higgs", "cern", "lhc", "CERN", "ｌｈｃ"] {
      #expect(await alice("HASHTAG", "FOLLOW", tag) == .ok)
    }
    let first = await alice("HASHTAGS", "COUNT", "2")
    #expect(first.items == [.text("lhc"), .text("cern")] && first["end"] == .integer(0))
    #expect(await alice("HASHTAG", "UNFOLLOW", "cern") == .ok)
    #expect(await alice("HASHTAG", "UNFOLLOW", "cern") == .ok)
    #expect(await alice("HASHTAG", "FOLLOW", "muon") == .ok)
    let cursor = first["cursor"]?.string ?? ""
    let rest = await alice("HASHTAGS", "AFTER", cursor)
    #expect(rest.items == [.text("higgs")] && rest["end"] == .integer(1))
    #expect(await alice("HASHTAGS").items == [.text("muon"), .text("lhc"), .text("higgs")])
  }

  @Test(
    arguments: [
      (["HASHTAG", "FOLLOW", "12"], "INVALID"), (["HASHTAG", "FOLLOW", "two words"], "INVALID"),
      (["HASHTAG", "UNFOLLOW", ""], "INVALID"), (["HASHTAG", "FOLLOW"], "ERR"),
      (["HASHTAG", "NONSENSE", "cern"], "ERR"), (["HASHTAG", "REVIEW", "cern", "allow"], "DENIED"),
      (["HASHTAGS", "AFTER", "x"], "INVALID"),
    ] as [([String], String)])
  func `each mistake has its code`(_ words: [String], _ code: String) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice.call(words).code == code)
    let stranger = await world.connect()
    #expect(await stranger("HASHTAG", "FOLLOW", "cern").code == "NOAUTH")
    #expect(await stranger("HASHTAGS").code == "NOAUTH")
  }

  @Test(arguments: [1, 2])
  func `a followed hashtag brings strangers' public posts home, once each`(
    _ shards: Int
  ) async throws {
    let world = try await TestWorld(shards: shards)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    await alice("FOLLOW", "carol")
    let post = await bob("POST", "on #cern").string ?? ""
    await bob("POST", "for followers #cern", "VISIBILITY", "followers")
    await bob("POST", "on #cern and #lhc")
    await bob("REPLY", post, "more #cern")
    // Identifiers of two shards ascend together only from one millisecond to the next.
    world.clock.advance(ms: 1)
    let by = await carol("POST", "carol's #cern").string ?? ""
    await bob("REPLY", by, "to another #cern")
    world.clock.advance(ms: 1)
    await carol("SHARE", post)
    #expect(Self.text(await alice("HOME").items) == ["on #cern", "carol's #cern"])
    await alice("HASHTAG", "FOLLOW", "cern")
    await alice("HASHTAG", "FOLLOW", "lhc")
    let home = await alice("HOME").items
    #expect(
      Self.text(home) == ["carol's #cern", "more #cern", "on #cern and #lhc", "on #cern"])
    #expect(home.allSatisfy { $0["shared_by"] == nil })
    await alice("MUTE", "bob")
    #expect(Self.text(await alice("HOME").items) == ["carol's #cern"])
    await alice("UNMUTE", "bob")
    await bob("PROFILE", "SET", "private", "on")
    #expect(Self.text(await alice("HOME").items) == ["carol's #cern"])
    await bob("PROFILE", "SET", "private", "off")
    await alice("HASHTAG", "UNFOLLOW", "lhc")
    await alice("HASHTAG", "UNFOLLOW", "cern")
    #expect(Self.text(await alice("HOME").items) == ["on #cern", "carol's #cern"])
  }

  @Test func `a followed hashtag reaches to the end of history, page by page`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    await alice("FOLLOW", "bob")
    let carol = await world.person("carol")
    await alice("HASHTAG", "FOLLOW", "cern")
    var expected: [String] = []
    for number in 0..<150 {
      world.clock.advance(ms: 1)
      await (number % 2 == 0 ? bob : carol)("POST", "number \(number) #cern")
      expected.insert("number \(number) #cern", at: 0)
    }
    var seen: [String?] = []
    var cursor: String?
    repeat {
      let after = cursor.map { ["AFTER", $0] } ?? []
      let page = await alice.call(["HOME", "COUNT", "7"] + after)
      seen += Self.text(page.items)
      cursor = page["end"] == .integer(0) ? page["cursor"]?.string : nil
    } while cursor != nil && seen.count < 1_000
    #expect(seen == expected)
  }

  @Test func `home is told at once of what a followed hashtag brings`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice", .three)
    let bob = await world.person("bob")
    await alice("HASHTAG", "FOLLOW", "cern")
    _ = await alice("SUBSCRIBE", "home")
    await bob("POST", "no tag")
    await bob("POST", "on #cern")
    let message = await alice.next().elements.last?.string ?? ""
    #expect(message.contains("\"event\":\"post\"") && message.contains("on #cern"))
  }

  @Test func `moderators decide what may trend`() async throws {
    let world = try await TestWorld(shards: 2)
    let admin = try await world.admin()
    let moderator = try await world.moderator()
    for name in ["alice", "bob", "carol"] {
      await (await world.person(name))("POST", "we like #cern and #lhc")
    }
    let trends = { () async -> Set<String?> in
      Set(await admin("TRENDING", "TAGS").elements.map { $0["tag"]?.string })
    }
    #expect(await trends() == ["cern", "lhc"])
    #expect(await moderator("HASHTAG", "REVIEW", "#CERN", "DENY") == .ok)
    #expect(await moderator("HASHTAG", "REVIEW", "cern", "deny") == .ok)
    #expect(await trends() == ["lhc"])
    #expect(await moderator("HASHTAG", "REVIEW", "cern", "perhaps").code == "INVALID")
    #expect(await admin("HASHTAG", "REVIEW", "cern", "allow") == .ok)
    #expect(await trends() == ["cern", "lhc"])
    let stranger = await world.connect()
    #expect(await stranger("HASHTAG", "REVIEW", "cern", "deny").code == "NOAUTH")
  }
}

extension TestWorld {
  /// A connection with a moderator's token.
  func moderator() async throws -> TestConnection {
    let admin = try await admin()
    let token = await admin("TOKEN", "NEW", "SCOPE", "moderator")["token"]?.string ?? ""
    let connection = await connect()
    let reply = await connection("AUTH", token)
    precondition(reply == .ok, "\(reply)")
    return connection
  }
}
