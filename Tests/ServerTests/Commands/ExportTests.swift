import Domain
import Engine
import Entities
import Foundation
import Journal
import Projections
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct ExportTests {
  /// A part as JSON, with its size.
  private func part(
    _ person: TestConnection, after cursor: String? = nil
  ) async throws -> [String: Any] {
    let reply = await person.call(["EXPORT"] + (cursor.map { ["AFTER", $0] } ?? []))
    let text = try #require(reply.string, "\(reply)")
    #expect(text.utf8.count <= ExportPart.bytesMax)
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(json as? [String: Any])
  }

  /// All parts, following the cursors.
  private func all(_ person: TestConnection) async throws -> [[String: Any]] {
    var parts: [[String: Any]] = []
    var cursor: String?
    while true {
      let part = try await part(person, after: cursor)
      parts.append(part)
      if part["end"] as? Int == 1 {
        #expect(part["cursor"] is NSNull)
        return parts
      }
      cursor = try #require(part["cursor"] as? String)
    }
  }

  private func events(_ parts: [[String: Any]]) -> [[String: Any]] {
    parts.flatMap { $0["events"] as? [[String: Any]] ?? [] }
  }

  @Test func `an export has all that the server knows about the caller`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.connect()
    _ = await alice("SIGNUP", "alice", TestWorld.password, "EMAIL", "a@b.example", "NAME", "Alice")
    let bob = await world.person("bob")
    let carol = await world.person("carol")
    #expect(await carol("PROFILE", "SET", "private", "on") == .ok)
    #expect(await alice("PROFILE", "SET", "email", "new@b.example") == .ok)
    #expect(await alice("PROFILE", "SET", "bio", "a \"life\"") == .ok)
    #expect(await alice("PROFILE", "alice")["email"] == nil)
    #expect(await alice("FOLLOW", "bob").string == "following")
    #expect(await bob("FOLLOW", "alice").string == "following")
    #expect(await alice("FOLLOW", "carol").string == "requested")
    #expect(await alice("MUTE", "bob") == .ok)
    let label = await alice("TOKEN", "NEW", "LABEL", "phone")
    #expect(await alice("POST", "words of mine").code == nil)
    #expect(await bob("POST", "words of bob's").code == nil)
    #expect(await alice("CHAT", "NEW", "bob", "TITLE", "a group").code == nil)
    let media = await alice("MEDIA", "ADD", "image", "https://a.example/1", "ALT", "a cat").string

    let parts = try await all(alice)
    #expect(parts.count == 1)
    let account = try #require(parts[0]["account"] as? [String: Any])
    #expect(account["username"] as? String == "alice")
    #expect(account["name"] as? String == "Alice")
    #expect(account["email"] as? String == "new@b.example")
    #expect(account["bio"] as? String == "a \"life\"")
    #expect(account["avatar"] is NSNull)
    #expect(account["private"] as? Bool == false)
    #expect(account["messages"] as? String == "everyone")
    #expect(account["verified"] as? Bool == false)
    #expect(account["following"] as? [String] == ["bob"])
    #expect(account["followers"] as? [String] == ["bob"])
    #expect(account["requested"] as? [String] == ["carol"])
    #expect(account["requests"] as? [String] == [])
    #expect(account["blocks"] as? [String] == [])
    #expect(account["mutes"] as? [String] == ["bob"])
    let tokens = try #require(account["tokens"] as? [[String: Any]])
    #expect(tokens.map { $0["label"] as? String } == ["phone"])
    #expect(tokens.map { $0["id"] as? String } == [label["id"]?.string])
    #expect(tokens[0]["hash"] == nil)
    let chats = try #require(account["chats"] as? [[String: Any]])
    #expect(chats.map { $0["title"] as? String } == ["a group"])
    #expect(chats.map { $0["members"] as? [String] } == [["alice", "bob"]])
    let images = try #require(account["media"] as? [[String: Any]])
    #expect(images.map { $0["id"] as? String } == [media])
    #expect(images.map { $0["url"] as? String } == ["https://a.example/1"])

    let events = events(parts)
    let id = try #require(account["id"] as? String)
    #expect(events.allSatisfy { $0["actor"] as? String == "user:\(id)" })
    let types = events.compactMap { $0["type"] as? String }
    #expect(
      types == [
        "user.signed_up", "user.profile_changed", "user.profile_changed", "user.followed",
        "user.follow_requested", "user.muted", "user.token_issued", "post.published",
        "chat.opened", "user.media_added",
      ])
    let texts = events.compactMap { $0["text"] as? [String: String] }
    #expect(texts.contains(["text": "words of mine"]))
    #expect(texts.contains(["name": "Alice", "email": "a@b.example"]))
    let raw = await alice("EXPORT").string ?? ""
    #expect(!raw.contains("$quick$") && !raw.contains("\"hash\""))
    #expect(!raw.contains("words of bob's"))
  }

  @Test func `an export has what the caller keeps at hand`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    _ = await world.person("bob")
    _ = await world.person("carol")
    let kept = await alice("POST", "kept").string ?? ""
    let list = await alice("LIST", "NEW", "Friends").string ?? ""
    for words in [
      ["LIST", "ADD", list, "bob"], ["LIST", "ADD", list, "carol"], ["BOOKMARK", kept],
      ["PIN", kept], ["HASHTAG", "FOLLOW", "first"], ["HASHTAG", "FOLLOW", "second"],
    ] {
      #expect(await alice.call(words) == .ok, "\(words)")
    }

    let parts = try await all(alice)
    let account = try #require(parts[0]["account"] as? [String: Any])
    let lists = try #require(account["lists"] as? [[String: Any]])
    #expect(lists.map { $0["id"] as? String } == [list])
    #expect(lists.map { $0["title"] as? String } == ["Friends"])
    #expect(lists.map { $0["members"] as? [String] } == [["bob", "carol"]])
    #expect(account["bookmarks"] as? [String] == [kept])
    #expect(account["pins"] as? [String] == [kept])
    #expect(account["hashtags"] as? [String] == ["second", "first"])
  }

  @Test func `nobody exports without being asked for, and another's cursor leads nowhere`()
    async throws
  {
    let world = try await TestWorld()
    let stranger = await world.connect()
    #expect(await stranger("EXPORT").code == "NOAUTH")
    let alice = await world.person("alice")
    #expect(await alice("EXPORT", "AFTER", "nonsense").code == "INVALID")
    let bob = await world.person("bob")
    let id = try #require(await alice("PROFILE", "alice")["id"]?.string)
    let user = try #require(UserID(text: id))
    let cursor = Cursor(key: ExportPlace(.events).pageKey).text(for: .export(user))
    #expect(await alice("EXPORT", "AFTER", cursor).code == nil)
    #expect(await bob("EXPORT", "AFTER", cursor).code == "INVALID")
    let unknown = Cursor(key: 99 << 56).text(for: .export(user))
    #expect(await alice("EXPORT", "AFTER", unknown).code == "INVALID")
  }

  @Test(arguments: [Dialect.two, .line])
  func `a long life comes in parts, each event once`(_ dialect: Dialect) async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let long = String(repeating: "\"ab\"", count: 1_200)
    for number in 0..<600 {
      await alice.send("POST", "\(number) \(long)")
      if number % 100 == 0 { await bob.send("POST", "by bob \(number)") }
    }
    for _ in 0..<600 { #expect(await alice.next().code == nil) }
    let reader = await world.connect(dialect)
    await reader.send("AUTH", "alice", TestWorld.password)
    _ = await reader.next()
    if dialect == .line {
      await reader.send("EXPORT")
      let line = await reader.next().string ?? ""
      #expect(line.utf8.count > ExportPart.bytesMax / 2)
      #expect(line.utf8.count <= ExportPart.bytesMax)
      return
    }
    let parts = try await all(reader)
    #expect(parts.count > 1)
    #expect(parts.filter { $0["account"] != nil }.count == 1)
    let positions = events(parts).compactMap { $0["position"] as? Int }
    #expect(positions.count == 601)
    #expect(positions == Array(Set(positions)).sorted())
  }

  @Test func `lists that do not fit go on in the next part`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let url = "https://a.example/" + String(repeating: "x", count: 1_900)
    let count = 2_300
    for number in 0..<count { await alice.send("MEDIA", "ADD", "image", "\(url)\(number)") }
    for _ in 0..<count { #expect(await alice.next().code == nil) }
    let parts = try await all(alice)
    let lists = parts.map { ($0["account"] as? [String: Any])?["media"] as? [[String: Any]] ?? [] }
    #expect(lists.filter { !$0.isEmpty }.count == 2)
    let urls = lists.flatMap { $0 }.compactMap { $0["url"] as? String }
    #expect(urls == (0..<count).reversed().map { "\(url)\($0)" })
    #expect(parts.filter { ($0["account"] as? [String: Any])?["username"] != nil }.count == 1)
    #expect(events(parts).count == count + 1)
  }

  @Test(arguments: [99, 100, 101])
  func `a part looks at a bounded number of records and says where it stopped`(
    _ scannedMax: Int
  ) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for number in 0..<99 { await alice.send("POST", "\(number)") }
    for _ in 0..<99 { #expect(await alice.next().code == nil) }
    let end = world.journal.durable
    #expect(end == Position(100))
    let name = try #require(Username("alice"))
    let user = try #require(world.engine.names.id(of: name))
    let found = try await world.engine.archivist.events(
      by: user, after: .zero, bytesMax: 1 << 20, scannedMax: scannedMax)
    #expect(found.isEnd == (scannedMax >= 100))
    #expect(found.through == Position(UInt64(min(scannedMax, 100))))
    #expect(found.lines.count == min(scannedMax, 100))
  }

  @Test func `a part takes what fits to the byte, and one event at least`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for number in 0..<3 { #expect(await alice("POST", "\(number)").code == nil) }
    let name = try #require(Username("alice"))
    let user = try #require(world.engine.names.id(of: name))
    let archivist = world.engine.archivist
    let all = try await archivist.events(by: user, after: .zero, bytesMax: 1 << 20)
    #expect(all.lines.count == 4)
    let exact = try await archivist.events(by: user, after: .zero, bytesMax: all.bytes)
    #expect(exact.lines == all.lines)
    let less = try await archivist.events(by: user, after: .zero, bytesMax: all.bytes - 1)
    #expect(less.lines == Array(all.lines.dropLast()))
    #expect(!less.isEnd && less.through == Position(3))
    let one = try await archivist.events(by: user, after: .zero, bytesMax: 1)
    #expect(one.lines == Array(all.lines.prefix(1)))
  }

  @Test func `a service exports for the person whom it acts for`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    let token = await admin("TOKEN", "NEW", "SCOPE", "service")["token"]?.string ?? ""
    let service = await world.connect()
    #expect(await service("AUTH", token) == .ok)
    _ = await world.person("alice")
    let text = await service("AS", "alice", "EXPORT").string ?? ""
    #expect(text.contains("\"username\":\"alice\""))
  }
}
