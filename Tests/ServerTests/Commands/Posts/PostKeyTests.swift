import Domain
import Journal
import Testing
import Wire

/// `KEY` with everything that changes posts.
@Suite(.timeLimit(.minutes(1)))
struct PostKeyTests {
  /// Each mutation, and the same with other arguments. `%a` is a post of alice, `%d` and `%e` are
  /// drafts of hers, `%p` is a post and `%q` a poll of bob.
  static let mutations: [(words: [String], others: [String])] = [
    (["POST", "x", "DRAFT"], ["POST", "x"]),
    (["POST", "x", "AT", "1700000060000"], ["POST", "x", "AT", "1700000060001"]),
    (["POST", "x", "STORY"], ["POST", "y", "STORY"]),
    (["POST", "x", "POLL", "2", "a", "b"], ["POST", "x", "POLL", "2", "b", "a"]),
    (["POST", "x", "LINK", "http://e.org"], ["POST", "x", "LINK", "http://e.com"]),
    (["EDIT", "%a", "new"], ["EDIT", "%a", "newer"]),
    (["EDIT", "%d", "new"], ["EDIT", "%e", "new"]),
    (["PUBLISH", "%d"], ["PUBLISH", "%e"]), (["PUBLISH", "%a"], ["PUBLISH", "%d"]),
    (["DELETE", "%d"], ["DELETE", "%e"]),
    (["REACT", "%p", "🎉"], ["REACT", "%p", "😢"]), (["UNREACT", "%p"], ["UNREACT", "%q"]),
    (["VOTE", "%q", "1"], ["VOTE", "%q", "0"]), (["VIEW", "%p", "%q"], ["VIEW", "%p"]),
    (["VIEW", "12345"], ["VIEW", "%p"]),
  ]

  @Test(arguments: mutations.indices)
  func `a repeated key gets the first reply and nothing happens`(_ index: Int) async throws {
    let (words, others) = Self.mutations[index]
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var names: [String: String] = [:]
    names["%a"] = await alice("POST", "by alice").string
    names["%d"] = await alice("POST", "a draft", "DRAFT").string
    names["%e"] = await alice("POST", "another", "DRAFT").string
    names["%p"] = await bob("POST", "by bob").string
    names["%q"] = await bob("POST", "Which?", "POLL", "2", "yes", "no").string
    #expect(names.count == 5)
    let fill = { [names] (words: [String]) in words.map { names[$0] ?? $0 } }
    let first = await alice.call(fill(words) + ["KEY", "k1"])
    #expect(first.code == nil, "\(first)")
    let enqueued = world.journal.enqueued
    #expect(await alice.call(fill(words) + ["KEY", "k1"]) == first)
    await world.settle()
    let other = await world.connect(.three)
    #expect(await other("AUTH", "alice", TestWorld.password) == .ok)
    #expect(await other.call(fill(words) + ["KEY", "k1"]) == first)
    #expect(await other.call(fill(others) + ["KEY", "k1"]).code == "CONFLICT")
    #expect(world.journal.enqueued == enqueued)
  }

  @Test func `an edit repeated after another one does not come back`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "first").string ?? ""
    #expect(await alice("EDIT", post, "second", "KEY", "k") == .ok)
    #expect(await alice("EDIT", post, "third") == .ok)
    #expect(await alice("EDIT", post, "second", "KEY", "k") == .ok)
    #expect(await alice("GET", post)["text"]?.string == "third")
    #expect(await alice("EDITS", post).items.count == 3)
  }
}
