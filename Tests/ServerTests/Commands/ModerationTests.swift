import Domain
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct ModerationTests {
  @Test func `reports wait for moderators, newest first, until they are closed`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let moderator = try await world.moderator()
    let post = await bob("POST", "buy this").string ?? ""
    let first = await alice("REPORT", post, "spam").string ?? ""
    world.clock.advance(ms: 5)
    let second = await alice("REPORT", "@bob", "ein Ärgernis").string ?? ""
    let reports = await moderator("REPORTS").items
    #expect(reports.map { $0["id"]?.string } == [second, first])
    #expect(reports.map { $0["post"] } == [.null, .text(post)])
    #expect(reports.map { $0["reason"]?.string } == ["ein Ärgernis", "spam"])
    for report in reports {
      #expect(report["reporter"]?.string == "alice" && report["username"]?.string == "bob")
    }
    #expect(reports.map { $0["created_at"]?.int } == [1_700_000_000_005, 1_700_000_000_000])
    let page = await moderator("REPORTS", "COUNT", "1")
    #expect(await moderator("REPORTS", "CLOSE", second) == .ok)
    let rest = await moderator("REPORTS", "AFTER", page["cursor"]?.string ?? "")
    #expect(rest.items.map { $0["id"]?.string } == [first] && rest["end"] == .integer(1))
    #expect(await moderator("REPORTS", "CLOSE", second).code == "NOTFOUND")
    #expect(await moderator("REPORTS", "CLOSE", first, "KEY", "k") == .ok)
    #expect(await moderator("REPORTS", "CLOSE", first, "KEY", "k") == .ok)
    #expect(await moderator("REPORTS").items.isEmpty)
  }

  @Test(
    arguments: [
      (["REPORT", "%hidden", "spam"], "NOTFOUND"), (["REPORT", "12345", "spam"], "NOTFOUND"),
      (["REPORT", "%own", "spam"], "INVALID"), (["REPORT", "alice", "spam"], "INVALID"),
      (["REPORT", "nobody", "spam"], "NOTFOUND"), (["REPORT", "blocker", "spam"], "NOTFOUND"),
      (["REPORT", "no!", "spam"], "INVALID"), (["REPORT", "bob", ""], "INVALID"),
      (["REPORT", "bob"], "ERR"), (["REPORT", "bob", "spam"], nil),
      (["REPORT", "@123", "spam"], nil), (["REPORT", "123", "spam"], "NOTFOUND"),
      (["REPORT", "bob", String(repeating: "x", count: 1_000)], nil),
      (["REPORT", "bob", String(repeating: "x", count: 1_001)], "INVALID"),
      (["REPORTS"], "DENIED"), (["REPORTS", "CLOSE", "12345"], "DENIED"),
      (["MODERATE", "%own", "remove"], "DENIED"),
    ] as [([String], String?)])
  func `one reports others and what one can see`(_ words: [String], _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let blocker = await world.person("blocker")
    _ = await world.person("123")
    await blocker("BLOCK", "alice")
    var posts: [String: String] = [:]
    posts["%own"] = await alice("POST", "mine").string
    posts["%hidden"] = await bob("POST", "bob's", "VISIBILITY", "followers").string
    let filled = words.map { posts[$0] ?? $0 }
    #expect(await alice.call(filled).code == code)
    let stranger = await world.connect()
    #expect(await stranger.call(filled).code == "NOAUTH")
  }

  @Test func `what moderators hide is in no list until they restore it`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let moderator = try await world.moderator()
    await alice("FOLLOW", "bob")
    let post = await bob("POST", "doubtful #cern").string ?? ""
    await alice("BOOKMARK", post)
    let lists = [["HOME"], ["TIMELINE", "bob"], ["TAG", "cern"], ["PUBLIC"], ["BOOKMARKS"]]
    for (action, status) in [
      ("review", "under_review"), ("remove", "removed"), ("restore", "published"),
    ] {
      for _ in 0..<2 {
        #expect(await moderator("MODERATE", post, action, "REASON", "because") == .ok)
      }
      let isShown = action == "restore"
      #expect(await alice("GET", post).code == (isShown ? nil : "NOTFOUND"))
      #expect(await bob("GET", post)["status"]?.string == status)
      #expect(await moderator("GET", post)["status"]?.string == status)
      for list in lists {
        #expect(await alice.call(list).items.count == (isShown ? 1 : 0), "\(action) \(list)")
        if list[0] != "HOME", list[0] != "BOOKMARKS" {
          #expect(await moderator.call(list).items.count == (isShown ? 1 : 0), "\(list)")
        }
      }
    }
    let kinds = await bob("INBOX").items.map { $0["kind"]?.string }
    #expect(kinds.contains("moderation"))
  }

  @Test(arguments: ["public", "followers", "friends", "private"])
  func `moderators see with GET what is not private, and nothing more anywhere else`(
    _ visibility: String
  ) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "mine #cern", "VISIBILITY", visibility).string ?? ""
    await alice("PROFILE", "SET", "private", "on")
    await alice("BLOCK", "admin")
    let code = visibility == "private" ? "NOTFOUND" : nil
    for viewer in [try await world.moderator(), try await world.admin()] {
      #expect(await viewer("GET", post).code == code)
      for words in [
        ["LIKE", post], ["THREAD", post], ["BOOKMARK", post], ["REPORT", post, "x"],
      ] {
        #expect(await viewer.call(words).code == "NOTFOUND", "\(words)")
      }
      #expect(await viewer("TAG", "cern").items.isEmpty)
      #expect(await viewer("MODERATE", post, "remove").code == code)
      #expect(await viewer("GET", post).code == code)
    }
    let bob = await world.person("bob")
    #expect(await bob("GET", post).code == "NOTFOUND")
  }

  @Test(
    arguments: [
      (["MODERATE", "%", "hide"], "INVALID"), (["MODERATE", "12345", "remove"], "NOTFOUND"),
      (["MODERATE", "%", "remove", "REASON", ""], "INVALID"),
      (["MODERATE", "%", "remove", "REASON", String(repeating: "x", count: 1_001)], "INVALID"),
      (["MODERATE", "%", "remove", "REASON", String(repeating: "x", count: 1_000)], nil),
      (["MODERATE", "%"], "ERR"), (["REPORTS", "CLOSE", "12345"], "NOTFOUND"),
      (["REPORTS", "CLOSE", "x"], "INVALID"), (["REPORTS", "AFTER", "x"], "INVALID"),
      (["SNAPSHOT"], "DENIED"),
    ] as [([String], String?)])
  func `each mistake of a moderator has its code`(
    _ words: [String], _ code: String?
  ) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "mine").string ?? ""
    let moderator = try await world.moderator()
    #expect(await moderator.call(words.map { $0.replacing("%", with: post) }).code == code)
    let deleted = await alice("POST", "deleted").string ?? ""
    await alice("DELETE", deleted)
    #expect(await moderator("MODERATE", deleted, "restore").code == "NOTFOUND")
  }

  @Test func `with an erased reporter go their reports and lists`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let moderator = try await world.moderator()
    let list = await bob("LIST", "NEW", "mine").string ?? ""
    await bob("LIST", "ADD", list, "alice")
    let report = await alice("REPORT", "bob", "spam").string ?? ""
    await carol("REPORT", "bob", "spam too")
    #expect(await moderator("REPORTS").items.count == 2)
    #expect(await alice("ERASE", TestWorld.password) == .ok)
    #expect(await moderator("REPORTS").items.map { $0["reporter"]?.string } == ["carol"])
    #expect(await moderator("REPORTS", "CLOSE", report).code == "NOTFOUND")
    #expect(await bob("REPORT", "alice", "too late").code == "GONE")
    #expect(await bob("LIST", "SHOW", list)["members"]?.elements == [.text("GONE")])
    #expect(await bob("LIST", "REMOVE", list, "alice") == .ok)
    #expect(await bob("LIST", "ADD", list, "alice").code == "GONE")
  }
}
