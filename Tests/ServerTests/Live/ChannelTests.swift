import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

/// Which events come on which channel.
@Suite(.timeLimit(.minutes(2)))
struct ChannelTests {
  private func summaries(_ connection: TestConnection) -> [String] {
    connection.events().map(\.summary)
  }

  /// The results of a poll as each `vote` shows them.
  private func votes(_ events: [LiveEvent]) -> [String] {
    events.filter { $0.event == "vote" }.map { event in
      let poll = event.fields["poll"] as? [String: Any]
      let options = poll?["options"] as? [[String: Any]] ?? []
      return options.map { ($0["votes"] as? Int).map { "\($0)" } ?? "null" }
        .joined(separator: " ")
    }
  }

  @Test func `a home tells of posts, edits, shares and their end`() async throws {
    let world = try await TestWorld(shards: 2)
    let (bob, cleo) = (await world.person("bob"), await world.person("cleo"))
    let dora = await world.person("dora")
    let alice = await world.person("alice")
    for name in ["bob", "dora"] { _ = await alice("FOLLOW", name) }
    let home = await world.listener(as: "alice", to: "home")
    let post = await bob("POST", "one").string ?? ""
    await world.rest()
    _ = await bob("EDIT", post, "two")
    let own = await alice("POST", "mine").string ?? ""
    let other = await cleo("POST", "not followed").string ?? ""
    _ = await bob("SHARE", other)
    _ = await dora("SHARE", other)
    await world.rest()
    _ = await bob("UNSHARE", other)
    _ = await dora("UNSHARE", other)
    _ = await bob("SHARE", own)
    _ = await bob("REPLY", other, "an answer to one not followed")
    let draft = await bob("POST", "a draft", "DRAFT").string ?? ""
    _ = await bob("PUBLISH", draft)
    try await world.act(.moderate(.removed, secret: nil), on: post, by: .system)
    await world.rest()
    try await world.act(.moderate(.none, secret: nil), on: post, by: .system)
    await world.rest()
    _ = await bob("DELETE", post)
    await world.rest()
    let events = home.events()
    #expect(
      events.map(\.summary) == [
        "post \(post)", "edit \(post)", "post \(own)", "share \(other)", "unshare \(other)",
        "unshare \(other)", "post \(draft)", "delete \(post)", "post \(post)", "delete \(post)",
      ])
    #expect(events[1]["post.text"] == "two")
    #expect(events[3]["post.shared_by"] == "bob")
    #expect(events[4]["next"] == "dora" && events[5]["next"] == nil)
    #expect(events.map(\.at) == events.map(\.at).sorted())
  }

  @Test func `a tag, a person and everybody tell of posts, edits and their end`() async throws {
    let world = try await TestWorld(shards: 2)
    let (bob, cleo) = (await world.person("bob"), await world.person("cleo"))
    let tag = await world.listener(to: "tag:Sea")
    let person = await world.listener(to: "user:@BOB")
    let all = await world.listener(to: "public")
    let post = await bob("POST", "the #sea").string ?? ""
    await world.rest()
    _ = await bob("EDIT", post, "the #lake")
    await world.rest()
    _ = await bob("EDIT", post, "the #sea again")
    let other = await cleo("POST", "hers").string ?? ""
    let answer = await bob("REPLY", other, "#sea, says he").string ?? ""
    _ = await bob("SHARE", other)
    _ = await bob("UNSHARE", other)
    let hidden = await bob("POST", "#sea for friends", "VISIBILITY", "friends").string ?? ""
    _ = await bob("POST", "#sea story", "STORY")
    await world.rest()
    _ = await bob("DELETE", hidden)
    _ = await bob("DELETE", post)
    await world.rest()
    let own = ["post \(post)", "edit \(post)", "edit \(post)"]
    #expect(summaries(tag) == own + ["post \(answer)", "delete \(post)"])
    #expect(
      summaries(person) == own + [
        "post \(answer)", "share \(other)", "unshare \(other)", "delete \(post)",
      ])
    #expect(summaries(all) == own + ["post \(other)", "delete \(post)"])
  }

  @Test func `a post tells what is done to it, with its counts`() async throws {
    let world = try await TestWorld(shards: 2)
    let (bob, cleo) = (await world.person("bob"), await world.person("cleo"))
    let post = await bob("POST", "which?", "POLL", "2", "a", "b").string ?? ""
    let watcher = await world.listener(to: "post:\(post)")
    let voter = await world.listener(as: "cleo", to: "post:\(post)")
    let author = await world.listener(as: "bob", to: "post:\(post)")
    _ = await cleo("LIKE", post)
    _ = await cleo("UNLIKE", post)
    _ = await cleo("SHARE", post)
    _ = await cleo("REACT", post, "🎉")
    _ = await cleo("UNREACT", post)
    _ = await cleo("VOTE", post, "1")
    let answer = await cleo("REPLY", post, "b").string ?? ""
    let secret = await cleo("REPLY", post, "psst", "VISIBILITY", "private").string ?? ""
    _ = await cleo("VIEW", post)
    await world.rest()
    _ = await cleo("DELETE", answer)
    _ = await cleo("DELETE", secret)
    _ = await bob("EDIT", post, "which one?")
    await world.rest()
    try await world.act(.moderate(.underReview, secret: nil), on: post, by: .system)
    await world.rest()
    try await world.act(.moderate(.none, secret: nil), on: post, by: .system)
    await world.rest()
    _ = await bob("DELETE", post)
    await world.rest()
    let seen = watcher.events()
    let common = [
      "like", "like", "share", "reaction", "reaction", "vote", "reply", "reply", "edit",
    ]
    #expect(seen.map(\.event) == common + ["delete", "post", "delete"])
    #expect(seen.allSatisfy { $0["id"] == post || $0["post.id"] == post })
    #expect(seen[2]["shares"] == "1")
    #expect(seen[6]["reply"] == answer && seen[7]["reply"] == answer && seen[7]["post.id"] == nil)
    #expect(seen[7]["replies"] != nil)
    #expect(author.events().map(\.event) == common + ["moderation", "moderation", "delete"])
    #expect(votes(voter.events()) == ["0 1"])
    #expect(votes(seen) == ["null null"])
  }

  @Test func `counts are those of the moment`() async throws {
    let world = try await TestWorld(shards: 2)
    let (bob, cleo) = (await world.person("bob"), await world.person("cleo"))
    let post = await bob("POST", "hello").string ?? ""
    let watcher = await world.listener(to: "post:\(post)")
    for (words, field, count) in [
      (["LIKE", post], "likes", "1"), (["UNLIKE", post], "likes", "0"),
      (["SHARE", post], "shares", "1"), (["REPLY", post, "yes"], "replies", "1"),
      (["REACT", post, "🎉"], "reactions.🎉", "1"),
    ] {
      _ = await cleo.call(words)
      await world.rest()
      #expect(watcher.events().map { $0[field] } == [count], "\(words)")
    }
  }

  @Test func `an inbox tells every kind of notification, with what is unread`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice")
    let inbox = await world.listener(as: "alice", to: "inbox")
    let post = await alice("POST", "which?", "POLL", "2", "a", "b", "CLOSES", "1").string ?? ""
    _ = await bob("FOLLOW", "alice")
    _ = await bob("POST", "hello @alice")
    _ = await bob("REPLY", post, "this")
    _ = await bob("LIKE", post)
    _ = await bob("SHARE", post)
    _ = await bob("POST", "look", "QUOTE", post)
    _ = await bob("REACT", post, "🎉")
    await world.rest()
    try await world.act(.moderate(.underReview, secret: nil), on: post, by: .system)
    try await world.act(.moderate(.none, secret: nil), on: post, by: .system)
    world.clock.advance(ms: 2_000)
    try await world.act(.closePoll, on: post, by: .system)
    _ = await alice("PROFILE", "SET", "private", "on")
    let cleo = await world.person("cleo")
    _ = await cleo("FOLLOW", "alice")
    await world.rest()
    let events = inbox.events()
    #expect(
      events.filter { $0["item.kind"] != "moderation" }.map { $0["item.kind"] ?? "" } == [
        "follow", "mention", "reply", "like", "share", "quote", "reaction", "poll", "request",
      ])
    #expect(events.contains { $0["item.kind"] == "moderation" })
    #expect(events.last?["unread"] == (await alice("UNREAD").int).map(String.init))
  }

  @Test func `each of many likes in one batch is told`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    var fans: [TestConnection] = []
    for name in ["alice", "bob", "cleo", "dora"] {
      let person = await world.connect()
      await person.send("SIGNUP", name, TestWorld.password)
      await world.settle()
      try world.commit()
      _ = await person.next()
      fans.append(person)
    }
    let alice = fans.removeFirst()
    await alice.send("POST", "hello")
    await world.settle()
    try world.commit()
    let post = await alice.next().string ?? ""
    _ = await alice("SUBSCRIBE", "inbox")
    for fan in fans { await fan.send("LIKE", post) }
    await world.settle()
    try world.commit()
    var counts: [String?] = []
    for _ in fans { counts.append(await alice.nextEvent()?["item.count"]) }
    #expect(counts == ["3", "3", "3"])
  }
}
