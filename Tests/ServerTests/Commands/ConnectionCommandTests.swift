import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct ConnectionCommandTests {
  @Test(arguments: [
    ["HELLO"], ["HELLO", "2"], ["HELLO", "3"], ["HELLO", "3", "SETNAME", "app"],
    ["hello", "3", "auth", "alice", TestWorld.password],
    ["HELLO", "3", "AUTH", "alice", TestWorld.password, "SETNAME", "app"],
    ["HELLO", "3", "SETNAME", "app", "AUTH", "alice", TestWorld.password],
    ["HELLO", "3", "AUTH", "default", "%"],
  ])
  func `clients greet in all these ways`(_ words: [String]) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let token = await alice("TOKEN", "NEW")["token"]?.string ?? ""
    let client = await world.connect()
    let reply = await client.call(words.map { $0 == "%" ? token : $0 })
    #expect(reply["server"]?.string == "roost")
    #expect(reply["proto"]?.int == (words.contains("3") ? 3 : 2))
    if case .map = reply { #expect(words.contains("3")) } else { #expect(!words.contains("3")) }
    let isLoggedIn = words.contains { $0.lowercased() == "auth" }
    #expect(await client("WHOAMI")["username"]?.string == (isLoggedIn ? "alice" : nil))
    let isNamed = words.contains("SETNAME")
    #expect(await client("CLIENT", "GETNAME").string == (isNamed ? "app" : nil))
  }

  @Test(arguments: [
    (["HELLO", "4"], "NOPROTO"), (["HELLO", "1"], "NOPROTO"), (["HELLO", "x"], "INVALID"),
    (["HELLO", "3", "AUTH", "alice", "a wrong password"], "NOAUTH"),
    (["HELLO", "3", "AUTH", "alice"], "INVALID"),
    (["HELLO", "3", "AUTH", "alice", TestWorld.password, "SETNAME", "two words"], "INVALID"),
  ])
  func `a greeting that is refused changes nothing`(_ words: [String], _ code: String) async throws
  {
    let world = try await TestWorld()
    _ = await world.person("alice")
    let client = await world.connect()
    #expect(await client.call(words).code == code)
    #expect(await client("WHOAMI") == .null)
    await client.send("HELLO")
    if case .array = await client.next() {} else { Issue.record("not RESP2 any more") }
  }

  @Test func `libraries introduce themselves`() async throws {
    let world = try await TestWorld()
    let client = await world.connect()
    #expect(await client("CLIENT", "SETINFO", "LIB-NAME", "go-redis(,go1.22.1)") == .ok)
    #expect(await client("CLIENT", "SETINFO", "lib-ver", "9.5.1") == .ok)
    #expect(await client("CLIENT", "SETINFO", "LIB-NAME", "two words").code == "INVALID")
    #expect(await client("CLIENT", "SETINFO", "LIB-OTHER", "x").code == "INVALID")
    let line = await client("CLIENT", "INFO").string ?? ""
    #expect(line.contains("lib-name=go-redis(,go1.22.1) lib-ver=9.5.1"))
    #expect(line.hasSuffix("\n"))
  }

  @Test(arguments: [(128, nil), (129, "INVALID")])
  func `a label has up to 128 bytes`(_ length: Int, _ code: String?) async throws {
    let world = try await TestWorld()
    let client = await world.connect()
    let name = String(repeating: "n", count: length)
    #expect(await client("CLIENT", "SETNAME", name).code == code)
  }

  @Test func `the list of clients is made of name=value words`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    let reader = await world.connect(.three)
    #expect(await reader("SUBSCRIBE", "tag:swift").elements.count == 3)
    let lines = (await admin("CLIENT", "LIST").string ?? "").split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      for word in line.split(separator: " ") { #expect(word.contains("="), "\(word)") }
    }
    #expect(lines[0].contains("cmd=client|list"))
    #expect(
      lines[1].contains("flags=P") && lines[1].contains("sub=1") && lines[1].contains("resp=3"))
  }

  @Test(arguments: Dialect.allCases)
  func `a subscriber's ping is told from messages`(_ dialect: Dialect) async throws {
    let world = try await TestWorld()
    let client = await world.connect(dialect)
    #expect(await client("PING").string == (dialect == .line ? "\"PONG\"" : "PONG"))
    _ = await client("SUBSCRIBE", "tag:swift")
    switch dialect {
    case .two:
      #expect(await client("PING") == .array([.text("pong"), .text("")]))
      #expect(await client("PING", "hi") == .array([.text("pong"), .text("hi")]))
    case .three: #expect(await client("PING", "hi") == .text("hi"))
    case .line: #expect(await client("PING").string == "\"PONG\"")
    }
  }

  @Test func `a reset connection is as new`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", .three)
    _ = await alice("SUBSCRIBE", "home")
    #expect(await alice("RESET") == .simple("RESET"))
    #expect(await alice("WHOAMI") == .null)
    #expect(await world.subscriptionsCount == 0)
    #expect(await alice("QUIT") == .ok)
    #expect(await alice.next() == .null)
  }

  @Test(arguments: [Dialect.two, .three])
  func `documentation has Redis' form`(_ dialect: Dialect) async throws {
    let world = try await TestWorld()
    let client = await world.connect(dialect)
    let docs = await client("COMMAND", "DOCS", "hello", "post", "client", "nonsense")
    let hello = try #require(docs["hello"])
    #expect(hello["summary"]?.string != nil && hello["group"]?.string != nil)
    let auth = hello["arguments"]?.elements.first { $0["token"]?.string == "AUTH" }
    #expect(auth?["type"]?.string == "block")
    #expect(auth?["arguments"]?.elements.map { $0["name"]?.string } == ["username", "password"])
    #expect(auth?["flags"]?.elements == [.simple("optional")])
    #expect(docs["client"]?["subcommands"]?["client|list"]?["summary"] != nil)
    #expect(docs["nonsense"] == nil)
    let info = await client("COMMAND", "INFO", "get", "client|list", "nonsense").elements
    #expect(info.map(\.elements.count) == [10, 10, 0])
    #expect(info[0].elements[0].string == "get" && info[0].elements[1] == .integer(2))
    let count = await client("COMMAND", "COUNT").int
    #expect(await client("COMMAND").elements.count == count.map { Int($0) })
    #expect(await client("HELP", "CLIENT").elements.count > 1)
  }
}
