import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// What is hidden is neither told nor hinted at.
@Suite(.timeLimit(.minutes(1)))
struct LivePrivacyTests {
  @Test func `what one may not see cannot be subscribed to, as what does not exist`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    let hidden = await bob("POST", "for friends", "VISIBILITY", "friends").string ?? ""
    let draft = await bob("POST", "a draft", "DRAFT").string ?? ""
    let chat = await bob("CHAT", "NEW", "bob", "TITLE", "notes").string ?? ""
    await world.rest()
    let nobody = await alice("SUBSCRIBE", "post:4611686018427387904")
    #expect(nobody.code == "NOTFOUND")
    for post in [hidden, draft] { #expect(await alice("SUBSCRIBE", "post:\(post)") == nobody) }
    #expect(
      await alice("SUBSCRIBE", "chat:\(chat)")
        == alice("SUBSCRIBE", "chat:4611686018427387904"))
    _ = await bob("BLOCK", "alice")
    #expect(await alice("SUBSCRIBE", "user:bob") == alice("SUBSCRIBE", "user:nobody"))
    #expect(await alice("SUBSCRIBE", "user:nobody").code == "NOTFOUND")
    #expect(await world.subscriptionsCount == 0)
  }

  @Test func `anonymous connections follow what is public, unless the server is private`()
    async throws
  {
    for isPrivate in [false, true] {
      var settings = Settings()
      settings.isPrivate = isPrivate
      let world = try await TestWorld(settings: settings)
      let bob = await world.person("bob")
      let post = await bob("POST", "hello").string ?? ""
      let reader = await world.connect()
      for channel in ["public", "tag:sea", "user:bob", "post:\(post)"] {
        let code = await reader("SUBSCRIBE", channel).code
        #expect(code == (isPrivate ? "NOAUTH" : nil), "\(channel)")
      }
      for channel in ["home", "inbox", "chats", "presence", "chat:1"] {
        #expect(await reader("SUBSCRIBE", channel).code == "NOAUTH", "\(channel)")
      }
    }
  }

  @Test(arguments: ["home", "user:bob", "tag:sea", "public", "post"], [1, 2])
  func `nothing more comes from whom one is blocked from`(
    _ kind: String, _ shards: Int
  ) async throws {
    let world = try await TestWorld(shards: shards)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    _ = await alice("FOLLOW", "bob")
    let post = await bob("POST", "the #sea").string ?? ""
    await world.rest()
    _ = await alice("SUBSCRIBE", kind == "post" ? "post:\(post)" : kind)
    func happen() async {
      _ = await bob("EDIT", post, "the #sea again")
      _ = await bob("POST", "another #sea")
      await world.rest()
    }
    await happen()
    #expect(alice.events().count == (kind == "post" ? 1 : 2))
    _ = await bob("BLOCK", "alice")
    await happen()
    _ = await bob("DELETE", post)
    await world.rest()
    #expect(alice.events().map(\.summary) == [])
    _ = await bob("UNBLOCK", "alice")
    _ = await alice("FOLLOW", "bob")
    _ = await bob("POST", "there again #sea")
    await world.rest()
    #expect(alice.events().count == (kind == "post" ? 0 : 1))
  }

  @Test func `nothing more comes from an account that has become private`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let post = await bob("POST", "the #sea").string ?? ""
    let listener = await world.listener(
      to: "public", "tag:sea", "user:bob", "post:\(post)")
    _ = await bob("PROFILE", "SET", "private", "on")
    _ = await bob("LIKE", post)
    _ = await bob("POST", "another #sea")
    _ = await bob("DELETE", post)
    await world.rest()
    #expect(listener.events().map(\.summary) == [])
  }

  @Test func `the end of what was hidden is not told`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    _ = await alice("FOLLOW", "bob")
    _ = await alice("SUBSCRIBE", "home", "user:bob", "tag:sea", "public")
    for visibility in ["friends", "private"] {
      let post = await bob("POST", "#sea", "VISIBILITY", visibility).string ?? ""
      _ = await bob("EDIT", post, "#sea, again")
      try await world.act(.moderate(.removed, secret: nil), on: post, by: .system)
      try await world.act(.moderate(.none, secret: nil), on: post, by: .system)
      _ = await bob("DELETE", post)
    }
    let draft = await bob("POST", "#sea", "DRAFT").string ?? ""
    _ = await bob("EDIT", draft, "#sea, edited")
    _ = await bob("DELETE", draft)
    await world.rest()
    #expect(alice.events().map(\.summary) == [])
  }

  @Test func `a subscription goes on with the eyes of who logs in`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    _ = await bob("BLOCK", "alice")
    let listener = await world.listener(to: "public")
    _ = await bob("POST", "one")
    await world.rest()
    #expect(listener.events().count == 1)
    #expect(await listener("AUTH", "alice", TestWorld.password) == .ok)
    _ = await bob("POST", "two")
    let own = await alice("POST", "three").string ?? ""
    await world.rest()
    #expect(listener.events().map(\.summary) == ["post \(own)"])
    _ = await listener("LOGOUT")
    _ = await alice("POST", "four")
    await world.rest()
    #expect(listener.events().isEmpty)
    #expect(await world.subscriptionsCount == 0)
  }

  @Test func `nobody hears of a post by subscribing before it is durable`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let bob = await world.connect()
    await bob.send("SIGNUP", "bob", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await bob.next()
    await bob.send("POST", "hello")
    await world.settle()
    let post = try #require(world.engine.shards[0].directory.posts.wakeAll().first?.key)
    let reader = await world.connect()
    await reader.send("SUBSCRIBE", "\(post)")
    await world.settle()
    #expect(reader.pending() == [])
    try world.commit()
    #expect(await reader.next().elements.first == .text("subscribe"))
  }

  @Test func `a message shows nothing that is not durable`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let bob = await world.connect()
    await bob.send("SIGNUP", "bob", TestWorld.password)
    await world.settle()
    try world.commit()
    _ = await bob.next()
    let reader = await world.connect()
    _ = await reader("SUBSCRIBE", "public")
    await bob.send("POST", "first")
    await world.settle()
    try world.commit()
    let post = await bob.next().string ?? ""
    // Edited in memory alone while the message about its publication is made, or after it: whatever
    // is shown is durable.
    await bob.send("EDIT", post, "second")
    await world.settle()
    let early = reader.events()
    #expect(early.allSatisfy { $0["post.text"] == "first" })
    try world.commit()
    var texts = early.map { $0["post.text"] }
    while texts.count < 2 { texts.append(await reader.nextEvent()?["post.text"]) }
    #expect(texts.last == "second")
  }
}
