import Domain
import Journal
import Testing
import Wire

@testable import Server

/// Groups over sessions: who may do what, and what everyone sees of it.
@Suite(.timeLimit(.minutes(1)))
struct ChatGroupTests {
  /// A group of alice (its admin) and bob, and carol beside it.
  private struct Group {
    let world: TestWorld
    let alice: TestConnection
    let bob: TestConnection
    let carol: TestConnection
    let chat: String

    init(_ dialect: Dialect = .two) async throws {
      world = try await TestWorld(shards: 2)
      alice = await world.person("alice", dialect)
      bob = await world.person("bob", dialect)
      carol = await world.person("carol", dialect)
      let reply = await alice("CHAT", "NEW", "bob", "TITLE", "Physics")
      chat = reply.string?.replacing("\"", with: "") ?? ""
    }

    /// Username, role and read mark of each member.
    func members(_ viewer: TestConnection) async -> [[String?]] {
      (await viewer("CHAT", "INFO", chat)["members"]?.elements ?? []).map {
        [$0["username"]?.string, $0["role"]?.string, $0["read"]?.string]
      }
    }

    func texts(_ viewer: TestConnection) async -> [String?] {
      await viewer("HISTORY", chat).items.map { $0["text"]?.string }
    }
  }

  @Test func `an admin adds, names, promotes and removes`() async throws {
    let group = try await Group()
    let (alice, bob, carol, chat) = (group.alice, group.bob, group.carol, group.chat)
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(
      await group.members(bob)
        == [["alice", "admin", nil], ["bob", "member", nil], ["carol", "member", nil]])
    #expect(await alice("CHAT", "ROLE", chat, "bob", "ADMIN") == .ok)
    #expect(await bob("CHAT", "TITLE", chat, "Chemistry") == .ok)
    #expect(await carol("CHAT", "INFO", chat)["title"]?.string == "Chemistry")
    #expect(await carol("CHATS").items.first?["title"]?.string == "Chemistry")
    #expect(await bob("CHAT", "TITLE", chat) == .ok)
    #expect(await carol("CHAT", "INFO", chat)["title"] == .null)
    #expect(await bob("CHAT", "ROLE", chat, "alice", "member") == .ok)
    #expect(await bob("CHAT", "REMOVE", chat, "alice") == .ok)
    #expect(await bob("CHAT", "REMOVE", chat, "alice") == .ok)
    #expect(await group.members(bob) == [["bob", "admin", nil], ["carol", "member", nil]])
    #expect(await bob("CHAT", "REMOVE", chat, "bob") == .ok)
    #expect(await group.members(carol) == [["carol", "admin", nil]])
  }

  @Test(
    arguments: [
      ["CHAT", "ADD", "%", "carol"], ["CHAT", "ADD", "%", "nobody"],
      ["CHAT", "REMOVE", "%", "alice"], ["CHAT", "REMOVE", "%", "nobody"],
      ["CHAT", "ROLE", "%", "bob", "admin"], ["CHAT", "ROLE", "%", "nobody", "admin"],
      ["CHAT", "TITLE", "%", "Mine"], ["CHAT", "TITLE", "%"],
    ])
  func `members are denied what admins do, and strangers see no chat`(
    _ words: [String]
  ) async throws {
    let group = try await Group()
    let fill = { (id: String) in words.map { $0.replacing("%", with: id) } }
    #expect(await group.bob.call(fill(group.chat)).code == "DENIED")
    let hidden = await group.carol.call(fill(group.chat))
    #expect(hidden.code == "NOTFOUND")
    #expect(hidden == (await group.carol.call(fill("12345"))))
    let direct = await group.alice("CHAT", "NEW", "bob").string ?? ""
    #expect(await group.alice.call(fill(direct)).code == "INVALID")
    let stranger = await group.world.connect()
    #expect(await stranger.call(fill(group.chat)).code == "NOAUTH")
  }

  /// Nothing tells somebody who is in no chat that one is there, also not their own settings.
  @Test(
    arguments: [
      ["CHAT", "ADD", "%", "carol"], ["CHAT", "REMOVE", "%", "carol"], ["UNSAY", "%", "7"],
      ["CHAT", "ROLE", "%", "carol", "member"], ["SAY", "%", "hi", "MEDIA", "7"],
      ["SAY", "%", "hi", "REPLY", "7"],
    ])
  func `what a stranger tries with themself shows no chat`(_ words: [String]) async throws {
    let group = try await Group()
    #expect(await group.carol("PROFILE", "SET", "messages", "none") == .ok)
    let fill = { (id: String) in words.map { $0.replacing("%", with: id) } }
    let hidden = await group.carol.call(fill(group.chat))
    #expect(hidden.code == "NOTFOUND")
    #expect(hidden == (await group.carol.call(fill("12345"))))
  }

  @Test func `adding asks the added person's settings and blocks`() async throws {
    let group = try await Group()
    let (alice, bob, carol, chat) = (group.alice, group.bob, group.carol, group.chat)
    #expect(await alice("CHAT", "ADD", chat, "nobody").code == "NOTFOUND")
    #expect(await carol("PROFILE", "SET", "messages", "following") == .ok)
    #expect(await alice("CHAT", "ADD", chat, "carol").code == "DENIED")
    #expect(await carol("FOLLOW", "alice").string == "following")
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    #expect(await carol("CHAT", "LEAVE", chat) == .ok)
    #expect(await carol("BLOCK", "alice") == .ok)
    #expect(
      await alice("CHAT", "ADD", chat, "carol") == (await alice("CHAT", "ADD", chat, "nobody")))
    // Who takes part is not asked again, and a block changes nothing in a group.
    #expect(await bob("BLOCK", "alice") == .ok)
    #expect(await alice("CHAT", "ADD", chat, "bob") == .ok)
    #expect(await bob("SAY", chat, "still here").code == nil)
    #expect(await group.texts(alice) == ["still here"])
  }

  @Test func `roles are for members, and an admin stays`() async throws {
    let group = try await Group()
    let chat = group.chat
    #expect(await group.alice("CHAT", "ROLE", chat, "carol", "admin").code == "NOTFOUND")
    #expect(await group.alice("CHAT", "ROLE", chat, "nobody", "admin").code == "NOTFOUND")
    #expect(await group.alice("CHAT", "ROLE", chat, "alice", "member").code == "DENIED")
    #expect(await group.alice("CHAT", "ROLE", chat, "bob", "owner").code == "INVALID")
    #expect(await group.alice("CHAT", "TITLE", chat, " ").code == "INVALID")
  }

  @Test func `everyone reads what was said in their times`() async throws {
    let group = try await Group()
    let (alice, bob, carol, chat) = (group.alice, group.bob, group.carol, group.chat)
    let first = await alice("SAY", chat, "before carol").string ?? ""
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    var line = try #require(await carol("CHATS").items.first)
    #expect(line["last_message"] == .null && line["unread"] == .integer(0))
    #expect(await carol("READ", chat, first).code == "NOTFOUND")
    #expect(await bob("SAY", chat, "with carol").code == nil)
    #expect(await alice("CHAT", "REMOVE", chat, "carol") == .ok)
    #expect(await alice("SAY", chat, "between").code == nil)
    #expect(await alice("CHAT", "TITLE", chat, "Without carol") == .ok)
    #expect(await carol("CHATS").items == [])
    #expect(await group.texts(carol) == ["with carol"])
    let info = await carol("CHAT", "INFO", chat)
    #expect(info["title"]?.string == "Physics")
    #expect(info["members"] == .array([]) && info["unread"] == .integer(1))
    #expect(await carol("SAY", chat, "let me in").code == "DENIED")
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    line = try #require(await carol("CHATS").items.first)
    #expect(line["last_message"]?["text"]?.string == "with carol")
    #expect(line["title"]?.string == "Without carol" && line["unread"] == .integer(1))
    #expect(await carol("SAY", chat, "back").code == nil)
    #expect(await group.texts(carol) == ["back", "with carol"])
    #expect(await group.texts(bob) == ["back", "between", "with carol", "before carol"])
    let page = await carol("HISTORY", chat, "COUNT", "1")
    #expect(page["end"] == .integer(0))
    let rest = await carol("HISTORY", chat, "COUNT", "1", "AFTER", page["cursor"]?.string ?? "")
    #expect(rest.items.map { $0["text"]?.string } == ["with carol"])
    #expect(rest["end"] == .integer(1))
  }

  @Test func `messages show their media and what they answer`() async throws {
    let group = try await Group()
    let (alice, bob, chat) = (group.alice, group.bob, group.chat)
    var ids: [String] = []
    for number in 0..<11 {
      ids.append(await bob("MEDIA", "ADD", "image", "https://e.org/\(number)").string ?? "")
    }
    let first = await bob.call(["SAY", chat, "look", "MEDIA"] + ids[..<10]).string ?? ""
    #expect(await bob.call(["SAY", chat, "look", "MEDIA"] + ids).code == "INVALID")
    #expect(await bob("SAY", chat, "twice", "MEDIA", ids[0], ids[0]).code == "INVALID")
    #expect(await alice("SAY", chat, "another's", "MEDIA", ids[0]).code == "NOTFOUND")
    #expect(await alice("SAY", chat, "nice", "REPLY", first).code == nil)
    let items = await alice("HISTORY", chat).items
    #expect(items.map { $0["reply_to"]?.string } == [first, nil])
    #expect(items[0]["media"] == .array([]))
    let media = items[1]["media"]?.elements ?? []
    #expect(media.map { $0["id"]?.string } == ids[..<10].map { Optional($0) })
    #expect(media[3]["url"]?.string == "https://e.org/3")
  }

  @Test func `what was taken back keeps its place and nothing else`() async throws {
    let group = try await Group()
    let (alice, bob, carol, chat) = (group.alice, group.bob, group.carol, group.chat)
    let picture = await bob("MEDIA", "ADD", "image", "https://e.org/a").string ?? ""
    let message = await bob("SAY", chat, "oops", "MEDIA", picture).string ?? ""
    let other = await alice("SAY", chat, "what?", "REPLY", message).string ?? ""
    #expect(await bob("UNSAY", chat, other).code == "DENIED")
    #expect(await bob("UNSAY", chat, "12345").code == "NOTFOUND")
    #expect(await carol("UNSAY", chat, message).code == "NOTFOUND")
    #expect(await bob("UNSAY", chat, message) == .ok)
    #expect(await alice("UNSAY", chat, message) == .ok)
    let items = await alice("HISTORY", chat).items
    #expect(items.map { $0["unsaid"]?.int } == [0, 1])
    #expect(items[1]["id"]?.string == message && items[1]["author"]?.string == "bob")
    #expect(items[1]["text"] == .null && items[1]["media"] == .array([]))
    #expect(await alice("CHATS").items[0]["unread"] == .integer(1))
    #expect(await alice("UNSAY", chat, other) == .ok)
    let last = await bob("CHATS").items[0]["last_message"]
    #expect(last?["text"] == .null && last?["unsaid"] == .integer(1))
  }

  @Test func `read marks go forward and are shown`() async throws {
    let group = try await Group()
    let (alice, bob, chat) = (group.alice, group.bob, group.chat)
    let first = await alice("SAY", chat, "1").string ?? ""
    let second = await alice("SAY", chat, "2").string ?? ""
    #expect(await bob("READ", chat, second) == .ok)
    #expect(await bob("READ", chat, first) == .ok)
    #expect(await group.members(alice) == [["alice", "admin", nil], ["bob", "member", second]])
    #expect(await bob("CHATS").items[0]["unread"] == .integer(0))
  }

  @Test func `whoever is added to a group finds it in their inbox`() async throws {
    let group = try await Group()
    let (alice, carol, chat) = (group.alice, group.carol, group.chat)
    #expect(await group.bob("INBOX").items.map { $0["chat"]?.string } == [chat])
    #expect(await alice("CHAT", "ADD", chat, "carol") == .ok)
    let item = try #require(await carol("INBOX").items.first)
    #expect(item["kind"]?.string == "invite" && item["chat"]?.string == chat)
    #expect(item["actors"] == .array([.text("alice")]) && item["post"] == .null)
    #expect(await carol("UNREAD") == .integer(1))
    #expect(await carol("FOLLOW", "alice").string == "following")
    #expect(await alice("INBOX").items.first?["chat"] == .null)
    #expect(await carol("CHAT", "LEAVE", chat) == .ok)
    #expect(await carol("INBOX").items == [])
    #expect(await carol("UNREAD") == .integer(0))
  }

  @Test func `a key makes each of them happen once`() async throws {
    let group = try await Group()
    let (alice, bob, chat) = (group.alice, group.bob, group.chat)
    let message = await alice("SAY", chat, "hi", "KEY", "say").string
    #expect(await alice("SAY", chat, "hi", "KEY", "say").string == message)
    #expect(await alice("SAY", chat, "ho", "KEY", "say").code == "CONFLICT")
    #expect(await alice("CHAT", "TITLE", chat, "New", "KEY", "t") == .ok)
    let events = group.world.journal.durable
    #expect(await alice("CHAT", "TITLE", chat, "New", "KEY", "t") == .ok)
    #expect(group.world.journal.durable == events)
    #expect(await alice("CHAT", "TITLE", chat, "KEY", "none") == .ok)
    #expect(await bob("CHAT", "INFO", chat)["title"] == .null)
    #expect(await alice("CHAT", "REMOVE", chat, "bob", "KEY", "r") == .ok)
    #expect(await alice("CHAT", "ADD", chat, "bob", "KEY", "a") == .ok)
    #expect(await alice("CHAT", "REMOVE", chat, "bob", "KEY", "r") == .ok)
    #expect(await group.members(alice).count == 2)
  }

  @Test func `in lines each answer is a line of JSON`() async throws {
    let group = try await Group(.line)
    let (alice, bob, chat) = (group.alice, group.bob, group.chat)
    #expect(await alice("CHAT", "ADD", chat, "carol").string == "\"OK\"")
    #expect(await bob("CHAT", "TITLE", chat, "Mine").string?.contains("DENIED") == true)
    let message = await bob("SAY", chat, "oops").string?.replacing("\"", with: "") ?? ""
    #expect(await alice("UNSAY", chat, message).string == "\"OK\"")
    let history = await group.carol("HISTORY", chat).string ?? ""
    #expect(history.contains(#""text":null"#) && history.contains(#""unsaid":1"#))
    #expect(history.contains(#""media":[]"#))
    let info = await group.carol("CHAT", "INFO", chat).string ?? ""
    #expect(info.contains(#"{"username":"alice","role":"admin","read":null}"#))
  }
}
