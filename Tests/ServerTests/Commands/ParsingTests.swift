import Domain
import Server
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct ParsingTests {
  @Test(arguments: ["KEY", "key", "VISIBILITY", "REPLY", "QUOTE", "WARNING"])
  func `a text may be an option's word`(_ text: String) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", text).string ?? ""
    #expect(await alice("GET", post)["text"]?.string == text)
    let keyed = await alice("POST", text, "KEY", "KEY").string ?? ""
    #expect(await alice("GET", keyed)["text"]?.string == text)
    let warned = await alice("POST", text, "WARNING", "KEY", "visibility", "private").string ?? ""
    #expect(await alice("GET", warned)["warning"]?.string == "KEY")
    #expect(await alice("DM", "alice", text).code == nil)
  }

  @Test func `words that name options and subcommands can be usernames`() async throws {
    let world = try await TestWorld()
    for name in ["set", "title", "count", "key", "replies"] {
      let person = await world.person(name)
      #expect(await person("PROFILE", name)["username"]?.string == name)
      #expect(await person("TIMELINE", name)["end"] == .integer(1))
      #expect(await person("FOLLOWERS", name, "COUNT", "1")["end"] == .integer(1))
      #expect(await person("PROFILE", "SET", "name", name) == .ok)
      #expect(await person("CHAT", "NEW", name, "TITLE", name).code == nil)
    }
  }

  @Test(arguments: [
    (["POST"], "ERR"), (["POST", "a", "b"], "INVALID"), (["POST", "a", "KEY"], "INVALID"),
    (["POST", "a", "KEY", "1", "KEY", "2"], "INVALID"), (["POST", " "], "INVALID"),
    (["POST", "a", "VISIBILITY", "nobody"], "INVALID"), (["GET"], "ERR"),
    (["GET", "x"], "INVALID"),
    (["GET", "1", "2"], "ERR"), (["GET", "1"], "NOTFOUND"), (["GET", "0"], "INVALID"),
    (["GET", "9223372036854775808"], "INVALID"), (["HOME", "COUNT", "0"], "INVALID"),
    (["HOME", "COUNT", "201"], "INVALID"), (["HOME", "COUNT", "200"], nil),
    (["HOME", "COUNT", "1"], nil), (["HOME", "AFTER", "nonsense"], "INVALID"),
    (["NONSENSE"], "ERR"),
    (["CLIENT", "NONSENSE"], "ERR"), (["CLIENT"], "ERR"), (["SELECT", "1"], "INVALID"),
    (["SUBSCRIBE"], "ERR"), (["SUBSCRIBE", "nonsense"], "INVALID"),
    (["SUBSCRIBE", "home@99999"], "INVALID"), (["INBOX", "READ"], "INVALID"),
    (["INBOX", "READ", "7"], "NOTFOUND"), (["FOLLOW", "alice"], "INVALID"),
    (["PROFILE", "x!"], "INVALID"), (["TOKEN", "NEW", "TTL", "0"], "INVALID"),
    (["PROJECTION", "LIST"], "DENIED"), (["TRENDING", "COUNT", "3"], nil), (["PUBLIC"], nil),
  ])
  func `each mistake has its code`(_ words: [String], _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice.call(words).code == code)
  }

  @Test func `what is not UTF-8 is INVALID`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bytes = Array("*2\r\n$4\r\nPOST\r\n$2\r\n".utf8) + [0xFF, 0xFE] + Array("\r\n".utf8)
    await alice.session.receive(bytes)
    #expect(await alice.next().code == "INVALID")
    let keyed = Array("*4\r\n$4\r\nPOST\r\n$1\r\na\r\n$3\r\nKEY\r\n$1\r\n".utf8) + [0xFF, 13, 10]
    await alice.session.receive(keyed)
    #expect(await alice.next().code == "INVALID")
  }

  @Test func `a private server tells strangers nothing`() async throws {
    var settings = Settings()
    settings.isPrivate = true
    let world = try await TestWorld(settings: settings)
    let alice = await world.person("alice")
    let post = await alice("POST", "hello").string ?? ""
    let stranger = await world.connect()
    for words in [
      ["GET", post], ["PUBLIC"], ["TAG", "a"], ["TIMELINE", "alice"], ["TRENDING"],
      ["PROFILE", "alice"], ["SUBSCRIBE", "tag:a"], ["THREAD", post], ["HOME"],
    ] {
      #expect(await stranger.call(words).code == "NOAUTH", "\(words)")
    }
    #expect(await stranger("PING") == .simple("PONG"))
  }
}
