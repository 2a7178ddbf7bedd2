import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct DurabilityTests {
  /// Connections of people who are there for all to see.
  private func signUp(_ names: [String], in world: TestWorld) async throws -> [TestConnection] {
    var people: [TestConnection] = []
    for name in names {
      people.append(await world.connect())
      await people.last?.send("SIGNUP", name, TestWorld.password)
    }
    await world.settle()
    try world.commit()
    for person in people { _ = await person.next() }
    return people
  }

  /// Commands of others that would show that somebody has signed up.
  static let aboutNewcomer: [[String]] = [
    ["PROFILE", "newcomer"], ["RELATION", "newcomer"], ["TIMELINE", "newcomer"],
    ["FOLLOWERS", "newcomer"], ["FOLLOWING", "newcomer"], ["FOLLOW", "newcomer"],
    ["BLOCK", "newcomer"], ["CHAT", "NEW", "newcomer"], ["DM", "newcomer", "welcome"],
    ["AUTH", "newcomer", TestWorld.password], ["SIGNUP", "newcomer", TestWorld.password],
    ["HELLO", "3", "AUTH", "newcomer", TestWorld.password],
  ]

  @Test(arguments: aboutNewcomer)
  func `nobody hears of a sign-up before it is durable`(_ words: [String]) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let bob = await world.connect()
    await bob.send("SIGNUP", "bob", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await bob.next()
    let newcomer = await world.connect()
    await newcomer.send("SIGNUP", "newcomer", TestWorld.password)
    await world.settle()
    await bob.send(words)
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    // Who may write to whom is asked once the newcomer is there; then it is written.
    await world.settle()
    try world.commit()
    _ = await bob.next()
  }

  /// Commands of others whose answer rests on a post that was just published, liked or deleted.
  static let aboutPost: [[String]] = [
    ["GET", "%"], ["THREAD", "%"], ["LIKE", "%"], ["UNLIKE", "%"], ["SHARE", "%"], ["DELETE", "%"],
    ["REPLY", "%", "indeed"],
  ]

  @Test(arguments: aboutPost, [false, true])
  func `nobody hears of a post, or of its end, before that is durable`(
    _ words: [String], _ isDeleted: Bool
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    let bob = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await bob.send("SIGNUP", "bob", TestWorld.password)
    await alice.send("POST", "hello")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    _ = await bob.next()
    let post = try #require(await alice.next().string)
    await alice.send(isDeleted ? ["DELETE", post] : ["LIKE", post])
    await world.settle()
    await bob.send(words.map { $0 == "%" ? post : $0 })
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    let reply = await bob.next()
    if isDeleted { #expect(reply.code == "NOTFOUND") }
  }

  /// Commands that show what has happened to a post.
  @Test(arguments: ["GET", "LIKES", "SHARES", "EDITS", "THREAD"])
  func `nobody is shown what came to a post after it had been hidden from them`(
    _ command: String
  ) async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob", "carol"], in: world)
    let (alice, bob, carol) = (people[0], people[1], people[2])
    await alice.send("POST", "hello")
    await world.settle()
    try world.commit()
    let post = try #require(await alice.next().string)
    // Before this is folded, bob is taken for somebody who may see the post.
    await alice.send("PROFILE", "SET", "private", "on")
    await world.settle()
    await bob.send("LIKE", post)
    await world.settle()
    await carol.send(command, post)
    await world.settle()
    #expect(carol.pending() == [])
    try world.commit()
    #expect(await carol.next().code == "NOTFOUND")
  }

  @Test func `a trend is no way to a post that was hidden before what came to it`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob", "carol", "dave"], in: world)
    let (alice, bob, carol, dave) = (people[0], people[1], people[2], people[3])
    await alice.send("POST", "hello")
    await world.settle()
    try world.commit()
    let post = try #require(await alice.next().string)
    await bob.send("LIKE", post)
    await world.settle()
    try world.commit()
    await carol.send("TRENDING", "POSTS")
    #expect(await carol.next().elements.count == 1)
    await alice.send("PROFILE", "SET", "private", "on")
    await world.settle()
    await dave.send("LIKE", post)
    await world.settle()
    await carol.send("TRENDING", "POSTS")
    await world.settle()
    #expect(carol.pending() == [])
    try world.commit()
    #expect(await carol.next().elements.isEmpty)
  }

  @Test func `nobody is shown what came to a profile after its owner had blocked them`()
    async throws
  {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob"], in: world)
    let (alice, bob) = (people[0], people[1])
    await alice.send("BLOCK", "bob")
    await alice.send("PROFILE", "SET", "bio", "not for bob")
    await world.settle()
    await bob.send("PROFILE", "alice")
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    #expect(await bob.next().code == "NOTFOUND")
  }

  @Test func `a profile counts by one position what its owner and others did`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob", "carol"], in: world)
    let (alice, bob, carol) = (people[0], people[1], people[2])
    // The block is in the journal before the follow, and ends it; bob does not know of it yet.
    await alice.send("BLOCK", "bob")
    await alice.send("UNBLOCK", "bob")
    await alice.send("BLOCK", "bob")
    await world.settle()
    await bob.send("FOLLOW", "alice")
    await world.settle()
    await carol.send("PROFILE", "bob")
    await world.settle()
    #expect(carol.pending() == [])
    try world.commit()
    #expect(await carol.next()["following"]?.int == 0)
  }

  @Test func `a refusal is by one position, also of what was on its way to the disk`() async throws
  {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob"], in: world)
    let (alice, bob) = (people[0], people[1])
    await alice.send("BLOCK", "bob")
    await world.settle()
    await bob.send("BLOCK", "alice")
    // Not DENIED, for what bob has done: alice was first.
    await bob.send("FOLLOW", "alice")
    await bob.send("LIST", "NEW", "friends")
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    #expect(await bob.next() == .ok)
    #expect(await bob.next().code == "NOTFOUND")
    await world.settle()
    try world.commit()
    #expect(await bob.next().code == nil)
  }

  @Test func `nothing to do is by one position too`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob"], in: world)
    let (alice, bob) = (people[0], people[1])
    await alice.send("BLOCK", "bob")
    await world.settle()
    await bob.send("FOLLOW", "alice")
    // That they follow already holds by bob's newest event alone.
    await bob.send("FOLLOW", "alice")
    await world.settle()
    try world.commit()
    #expect(await bob.next().string == "following")
    await world.settle()
    try world.commit()
    #expect(await bob.next().code == "NOTFOUND")
  }

  @Test func `what is decided once more rests on what the other is by then`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob"], in: world)
    let (alice, bob) = (people[0], people[1])
    await alice.send("BLOCK", "bob")
    await world.settle()
    try world.commit()
    #expect(await alice.next() == .ok)
    await bob.send("LIST", "NEW", "friends")
    await bob.send("FOLLOW", "alice")
    await world.settle()
    // While bob waits, she takes the block back, and takes followers by request alone.
    await alice.send("PROFILE", "SET", "private", "on")
    await alice.send("UNBLOCK", "bob")
    await world.settle()
    try world.commit()
    #expect(await bob.next().code == nil)
    await world.settle()
    try world.commit()
    #expect(await bob.next().string == "requested")
  }

  @Test func `an edit that another one overtakes is made again`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice"], in: world)
    let second = await world.connect()
    await second.send("AUTH", "alice", TestWorld.password)
    _ = await second.next()
    let alice = people[0]
    await alice.send("POST", "first", "WARNING", "careful")
    await world.settle()
    let edits = [(alice, "second"), (second, "third")]
    try world.commit()
    let id = try #require(await alice.next().string)
    // Both wait for the text that they take the warning over from.
    await alice.send("EDIT", id, "before")
    await world.settle()
    for (connection, text) in edits { await connection.send("EDIT", id, text) }
    await world.settle()
    for _ in 0..<4 {
      try world.commit()
      await world.settle()
    }
    #expect(await alice.next() == .ok)
    #expect(await alice.next() == .ok)
    #expect(await second.next() == .ok)
    await alice.send("GET", id)
    let shown = await alice.next()
    #expect(shown["warning"]?.string == "careful")
    #expect(["second", "third"].contains(shown["text"]?.string))
  }

  @Test func `who may write is judged by whom somebody followed when they said so`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let people = try await signUp(["alice", "bob"], in: world)
    let (alice, bob) = (people[0], people[1])
    await alice.send("FOLLOW", "bob")
    await alice.send("PROFILE", "SET", "messages", "following")
    await world.settle()
    await bob.send("DM", "alice", "hello")
    await world.settle()
    #expect(bob.pending() == [])
    try world.commit()
    await world.settle()
    try world.commit()
    #expect(await bob.next().code == nil)
  }

  @Test func `a name that is being taken names nobody`() async throws {
    let world = try await TestWorld()
    let bob = await world.person("bob")
    world.hasher.hold()
    let slow = await world.connect()
    await slow.send("SIGNUP", "carol", TestWorld.password)
    await world.settle()
    #expect(world.engine.names.id(of: Username("carol")!) == nil)
    #expect(await bob("RELATION", "carol").code == "NOTFOUND")
    world.hasher.letGo()
    #expect(await slow.next()["username"]?.string == "carol")
    #expect(await bob("RELATION", "carol").code == nil)
  }

  @Test func `of many sign-ups with one name one is accepted`() async throws {
    let world = try await TestWorld(shards: 2)
    world.hasher.hold()
    var rivals: [TestConnection] = []
    for _ in 0..<8 { rivals.append(await world.connect()) }
    for rival in rivals { await rival.send("SIGNUP", "carol", TestWorld.password) }
    while world.hasher.waitingCount < 8 { await world.settle() }
    world.hasher.letGo()
    var codes: [String?] = []
    for rival in rivals { codes.append(await rival.next().code) }
    #expect(codes.count { $0 == nil } == 1)
    #expect(codes.count { $0 == "CONFLICT" } == 7)
  }

  @Test func `a post refused for want of room leaves nothing behind`() async throws {
    var limits = JournalLimits()
    limits.queuedEventsMax = 2
    let world = try await TestWorld(isAutomatic: false, limits: limits)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await alice.send("POST", "fits")
    await alice.send("POST", "does not fit")
    await alice.send("CHAT", "NEW", "alice", "TITLE", "notes")
    await alice.send("DM", "alice", "note")
    await alice.send("SIGNUP", "another", TestWorld.password)
    await world.settle()
    try world.commit()
    var codes: [String?] = []
    for _ in 0..<6 { codes.append(await alice.next().code) }
    #expect(codes == [nil, nil, "BUSY", "BUSY", "BUSY", "BUSY"])
    let directory = world.engine.shards[0].directory
    #expect(directory.posts.count == 1)
    #expect(directory.chats.count == 0)
    #expect(directory.users.count == 1)
    #expect(world.engine.names.count == 1)
    await alice.send("SIGNUP", "another", TestWorld.password)
    await world.settle()
    try world.commit()
    #expect(await alice.next()["username"]?.string == "another")
  }
}
