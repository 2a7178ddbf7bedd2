import Domain
import Engine
import Entities
import Journal
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct ErasureTests {
  private func erase(_ person: TestConnection) async {
    #expect(await person("ERASE", TestWorld.password, "KEY", "erase") == .ok)
    #expect(await person.next() == .null)
  }

  @Test func `who knows the password is erased, whoever does not is not`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    #expect(await alice("ERASE", "not the password").code == "DENIED")
    #expect(await alice("PROFILE", "alice").code == nil)
    let phone = await world.connect()
    let token = await alice("TOKEN", "NEW")["token"]?.string ?? ""
    #expect(await phone("AUTH", token) == .ok)
    let reader = await world.connect()
    let readToken = await alice("TOKEN", "NEW", "SCOPE", "read")["token"]?.string ?? ""
    #expect(await reader("AUTH", readToken) == .ok)
    #expect(await reader("ERASE", TestWorld.password).code == "DENIED")
    await erase(alice)
    #expect(await phone.next() == .null)
    #expect(await reader.next() == .null)
    let again = await world.connect()
    let refused = await again("AUTH", "alice", TestWorld.password)
    #expect(refused == (await again("AUTH", "alice", "not the password")))
    #expect(refused.code == "NOAUTH")
    #expect(await again("AUTH", token).code == "NOAUTH")
    #expect(await again("SIGNUP", "alice", TestWorld.password).code == "CONFLICT")
    #expect(await again("PROFILE", "alice").code == "GONE")
  }

  @Test func `an erased person is GONE wherever a name stands`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let bobs = await bob("POST", "by bob").string ?? ""
    let post = await alice("POST", "secret words #tag", "KEY", "k").string ?? ""
    #expect(await bob("FOLLOW", "alice").string == "following")
    #expect(await alice("FOLLOW", "bob").string == "following")
    #expect(await alice("LIKE", bobs).int == 1)
    #expect(await alice("SHARE", bobs).int == 1)
    let answer = await alice("REPLY", bobs, "an answer by alice").string ?? ""
    let below = await bob("REPLY", answer, "below, to @alice").string ?? ""
    #expect(await alice("DM", "bob", "a message by alice").code == nil)
    let chat = await bob("CHATS").items.first?["id"]?.string ?? ""
    await erase(alice)

    #expect(await bob("GET", post).code == "GONE")
    for words in [["HOME"], ["TIMELINE", "bob"], ["TAG", "tag"], ["PUBLIC"]] {
      let ids = await bob.call(words).items.map { $0["id"]?.string }
      #expect(!ids.contains(post), "\(words)")
      #expect(!ids.contains(answer), "\(words)")
    }
    #expect(await bob("TIMELINE", "alice").code == "GONE")
    #expect(await bob("FOLLOWERS", "bob").items == [.text("GONE")])
    #expect(await bob("FOLLOWING", "bob").items == [.text("GONE")])
    #expect(await bob("PROFILE", "bob")["followers"]?.int == 1)
    #expect(await bob("GET", bobs)["likes"]?.int == 1)
    #expect(await bob("LIKES", bobs).items == [.text("GONE")])
    #expect(await bob("SHARES", bobs).items == [.text("GONE")])
    #expect(await bob("GET", bobs)["replies"]?.int == 1)
    let actors = await bob("INBOX").items.map { $0["actors"]?.elements ?? [] }
    #expect(!actors.isEmpty && actors.allSatisfy { $0 == [.text("GONE")] })
    #expect(await bob("GET", below)["mentions"]?.elements == [.text("GONE")])
    let later = await bob("POST", "to @alice and @bob").string ?? ""
    #expect(await bob("GET", later)["mentions"]?.elements == [.text("bob")])
    let message = await bob("HISTORY", chat).items.first
    #expect(message?["author"]?.string == "GONE")
    #expect(message?["text"] == .null)
    let members = await bob("CHAT", "INFO", chat)["members"]?.elements
    #expect(members?.contains { $0["username"]?.string == "GONE" } == true)
    #expect(await bob("SAY", chat, "too late").code == "GONE")
    let line = await bob("CHATS").items.first
    #expect(line?["members"]?.elements.contains(.text("GONE")) == true)
  }

  @Test func `a thread keeps the place of what was erased, for who could have seen it`()
    async throws
  {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    let root = await bob("POST", "root").string ?? ""
    let open = await alice("REPLY", root, "@bob #open words").string ?? ""
    let closed = await alice("POST", "closed", "VISIBILITY", "followers", "REPLY", root).string
    let below = await carol("REPLY", open, "below").string ?? ""
    #expect(await carol("LIKE", open).int == 1)
    #expect(await bob("FOLLOW", "alice").string == "following")
    await erase(alice)

    let thread = await bob("THREAD", root).items
    #expect(thread.map { $0["id"]?.string } == [root, open, below, closed])
    let place = thread[1]
    #expect(place["author"]?.string == "GONE")
    #expect(place["status"]?.string == "erased")
    #expect(place["text"] == .null)
    #expect(place["tags"]?.elements == [])
    #expect(place["mentions"]?.elements == [])
    #expect(place["likes"]?.int == 1)
    #expect(place["replies"]?.int == 1)
    #expect(place["depth"]?.int == 1)
    // Who did not follow never saw the other answer, and does not see its place.
    let seen = await carol("THREAD", root).items.map { $0["id"]?.string }
    #expect(seen == [root, open, below])
    // From below it is among the ancestors; by itself it is no more.
    #expect(await carol("THREAD", below).items.map { $0["id"]?.string } == [root, open, below])
    #expect(await carol("THREAD", open).code == "GONE")
    #expect(await carol("GET", open).code == "GONE")
    #expect(await carol("THREAD", closed ?? "").code == "NOTFOUND")
    #expect(await carol("LIKE", open).code == "GONE")
    #expect(await carol("REPLY", open, "more").code == "GONE")
  }

  @Test func `naming an erased person is GONE, but to take something back`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    #expect(await bob("FOLLOW", "alice").string == "following")
    #expect(await bob("MUTE", "alice") == .ok)
    #expect(await alice("BLOCK", "carol") == .ok)
    await erase(alice)
    for words in [
      ["PROFILE", "alice"], ["PROFILE", "@Alice"], ["FOLLOW", "alice"], ["BLOCK", "alice"],
      ["MUTE", "alice"], ["FOLLOWERS", "alice"], ["FOLLOWING", "alice"], ["RELATION", "alice"],
      ["ACCEPT", "alice"], ["REJECT", "alice"], ["DM", "alice", "hello"],
      ["CHAT", "NEW", "alice"], ["TIMELINE", "alice"],
    ] {
      #expect(await bob.call(words).code == "GONE", "\(words)")
    }
    #expect(await bob("UNFOLLOW", "alice") == .ok)
    #expect(await bob("UNMUTE", "alice") == .ok)
    #expect(await bob("UNBLOCK", "alice") == .ok)
    #expect(await bob("FOLLOWING", "bob").items == [])
    // Whom she blocked is told nothing new.
    let list = await carol("LIST", "NEW", "friends").string ?? ""
    let chat = await carol("CHAT", "NEW", "bob", "TITLE", "two").string ?? ""
    for words in [
      ["PROFILE", "alice"], ["FOLLOW", "alice"], ["TIMELINE", "alice"], ["DM", "alice", "hello"],
      ["CHAT", "NEW", "alice"], ["CHAT", "NEW", "bob", "alice"], ["CHAT", "ADD", chat, "alice"],
      ["LIST", "ADD", list, "alice"], ["REPORT", "alice", "rude"],
    ] {
      #expect(await carol.call(words).code == "NOTFOUND", "\(words)")
    }
    let admin = try await world.admin()
    #expect(await admin("VERIFY", "alice", "on").code == "GONE")
    #expect(await admin("AS", "alice", "HOME").code == "GONE")
    let token = await admin("TOKEN", "NEW", "SCOPE", "service")["token"]?.string ?? ""
    let service = await world.connect()
    #expect(await service("AUTH", token) == .ok)
    #expect(await service("AS", "alice", "HOME").code == "GONE")
  }

  @Test func `an erased person leaves their groups`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let group = await alice("CHAT", "NEW", "bob", "TITLE", "a group").string ?? ""
    #expect(await alice("SAY", group, "words").code == nil)
    #expect(await bob("CHAT", "ADD", group, "alice").code == "DENIED")
    await erase(alice)
    let members = await bob("CHAT", "INFO", group)["members"]?.elements ?? []
    #expect(members.map { $0["username"]?.string } == ["bob"])
    #expect(members.map { $0["role"]?.string } == ["admin"])
    #expect(await bob("CHAT", "ADD", group, "alice").code == "GONE")
    #expect(await bob("CHAT", "REMOVE", group, "alice") == .ok)
    #expect(await bob("CHAT", "INFO", group)["title"] == .null)
    #expect(await bob("HISTORY", group).items.first?["author"]?.string == "GONE")
  }

  @Test func `the text can't be read in the running server once the answer is there`()
    async throws
  {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "words to be forgotten").string ?? ""
    #expect(await alice("GET", post)["text"]?.string == "words to be forgotten")
    #expect(await alice("PROFILE", "SET", "bio", "a life") == .ok)
    await erase(alice)
    var erased = 0
    for raw in 1...world.journal.durable.raw {
      let record = try #require(try world.journal.record(at: Position(raw)))
      guard record.hasSecret else { continue }
      #expect(try world.journal.secret(at: record.position) == .erased)
      erased += 1
    }
    #expect(erased == 3)
  }

  @Test func `a pushed message names an erased person no more`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let mentioning = "to @alice"
    await erase(alice)
    let carol = await world.person("carol")
    #expect(await carol("FOLLOW", "bob").string == "following")
    #expect(await carol("SUBSCRIBE", "home").elements.count == 3)
    #expect(await bob("POST", mentioning).code == nil)
    let pushed = "\(await carol.next())"
    #expect(pushed.contains("to @alice") && !pushed.contains("\"alice\""))
  }

  @Test func `nothing ends before the erasure is durable`() async throws {
    let world = try await TestWorld(isAutomatic: false)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await alice.send("POST", "words")
    await world.settle()
    try world.commit()
    _ = await alice.next()
    let post = await alice.next().string ?? ""
    await alice.send("ERASE", TestWorld.password)
    await world.settle()
    #expect(alice.pending() == [])
    let stranger = await world.connect()
    await stranger.send("GET", post)
    await world.settle()
    #expect(stranger.pending().first?["text"]?.string == "words")
    try world.commit()
    #expect(await alice.next() == .ok)
    #expect(await stranger("GET", post).code == "GONE")
  }
}
