import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

/// What is due while the journal has its own troubles.
@Suite(.timeLimit(.minutes(1)))
struct DueTests {
  @Test func `what a full queue refuses is due again`() async throws {
    var limits = JournalLimits()
    limits.queuedEventsMax = 2
    let world = try await TestWorld(isAutomatic: false, limits: limits)
    let alice = await world.connect()
    let time = world.clock.now.ms + 1_000
    for words in [["SIGNUP", "alice", TestWorld.password]]
      + (0..<3).map({ ["POST", "\($0)", "AT", "\(time)"] })
    {
      await alice.send(words)
      await world.settle()
      try world.commit()
      #expect(await alice.next().code == nil)
    }
    await world.engine.reached(world.journal.enqueued)
    world.clock.advance(ms: 1_000)
    #expect(await world.engine.performDue() == 2)
    #expect(await world.engine.performDue() == 0)
    try world.commit()
    #expect(await world.engine.performDue() == 1)
    try world.commit()
    await world.engine.reached(world.journal.enqueued)
    #expect(world.engine.agenda.count == 0)
    #expect(await alice("PUBLIC").items.count == 3)
  }

  /// Commands whose answer rests on what has just become of a post.
  static let words: [[String]] = [
    ["GET", "%"], ["REACT", "%", "🎉"], ["UNREACT", "%"], ["VOTE", "%", "0"], ["VIEW", "%"],
    ["LIKES", "%"], ["SHARES", "%"], ["EDITS", "%"],
  ]

  static let changes: [[String]] = [
    ["EDIT", "%", "new"], ["DELETE", "%"], ["LIKE", "%"], ["REACT", "%", "😢"],
  ]

  @Test(arguments: words, changes)
  func `nobody hears of what becomes of a post before it is durable`(
    _ words: [String], _ change: [String]
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    let bob = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await bob.send("SIGNUP", "bob", TestWorld.password)
    await alice.send("POST", "Which?", "POLL", "2", "yes", "no")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    _ = await bob.next()
    let post = try #require(await alice.next().string)
    let fill = { (words: [String]) in words.map { $0 == "%" ? post : $0 } }
    await alice.send(fill(change))
    await world.settle()
    await bob.send(fill(words))
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    _ = await bob.next()
  }

  @Test(arguments: [["DRAFTS"], ["STORIES"], ["PUBLIC"]])
  func `a list does not show by what it leaves out that something is on its way`(
    _ words: [String]
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    let other = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    for tail in [["DRAFT"], ["STORY"], []] { await alice.send(["POST", "x"] + tail) }
    await world.settle()
    try world.commit()
    _ = await alice.next()
    var posts: [String] = []
    for _ in 0..<3 { posts.append(try #require(await alice.next().string)) }
    await other.send("AUTH", "alice", TestWorld.password)
    #expect(await other.next() == .ok)
    let index = try #require([["DRAFTS"], ["STORIES"], ["PUBLIC"]].firstIndex(of: words))
    await alice.send(index == 0 ? "PUBLISH" : "DELETE", posts[index])
    await world.settle()
    await other.send(words)
    await world.settle()
    #expect(other.pending() == [])
    try world.commit()
    #expect(await other.next().items.isEmpty)
  }
}
