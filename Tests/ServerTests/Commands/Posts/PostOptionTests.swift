import Domain
import Journal
import Server
import Testing
import Wire

/// The options of POST and EDIT, at their bounds and malformed.
@Suite(.timeLimit(.minutes(1)))
struct PostOptionTests {
  static func options(_ count: Int) -> [String] { (0..<count).map { "option \($0)" } }
  static let hundred = String(repeating: "é", count: PollFacts.optionCharactersMax)
  static let year: Int64 = 366 * 86_400_000
  /// When every test begins.
  static let now: Int64 = 1_700_000_000_000

  static func at(_ ms: Int64) -> [String] { ["AT", "\(now + ms)"] }

  static let polls: [(words: [String], code: String?)] = [
    (["POLL", "1", "a"], "INVALID"), (["POLL", "2", "a", "b"], nil),
    (["POLL", "10"] + options(10), nil), (["POLL", "11"] + options(11), "INVALID"),
    (["POLL", "0"], "INVALID"), (["POLL", "-2", "a", "b"], "INVALID"), (["POLL"], "INVALID"),
    (["POLL", "two", "a", "b"], "INVALID"), (["POLL", "a", "b"], "INVALID"),
    (["POLL", "3", "a", "b"], "INVALID"), (["POLL", "2", "a", "b", "c"], "INVALID"),
    (["POLL", "2", "a", "a"], "INVALID"), (["POLL", "2", "a", ""], "INVALID"),
    (["POLL", "2", "a", " "], "INVALID"), (["POLL", "2", "a", hundred], nil),
    (["POLL", "2", "a", hundred + "é"], "INVALID"), (["POLL", "2", "a", "b\nc"], "INVALID"),
    (["POLL", "2", "a\r", "b"], "INVALID"), (["POLL", "2", "a", "b\r\nc"], "INVALID"),
    (["POLL", "2", "MULTIPLE", "KEY"], nil), (["POLL", "2", "a", "b", "MULTIPLE"], nil),
    (["MULTIPLE", "POLL", "2", "a", "b"], nil), (["MULTIPLE"], "INVALID"),
    (["POLL", "2", "a", "b", "MULTIPLE", "MULTIPLE"], "INVALID"),
    (["POLL", "2", "a", "b", "POLL", "2", "c", "d"], "INVALID"), (["CLOSES", "60"], "INVALID"),
    (["POLL", "2", "a", "b", "CLOSES", "0"], "INVALID"),
    (["POLL", "2", "a", "b", "CLOSES", "1"], nil),
    (["POLL", "2", "a", "b", "CLOSES", "2592000"], nil),
    (["POLL", "2", "a", "b", "CLOSES", "2592001"], "INVALID"),
    (["POLL", "2", "a", "b", "CLOSES", "soon"], "INVALID"),
    (["POLL", "2", "a", "b", "CLOSES"], "INVALID"),
  ]

  static let times: [(words: [String], code: String?)] = [
    (at(-1), "INVALID"), (at(0), "INVALID"), (at(1), nil), (at(year), nil),
    (at(year + 1), "INVALID"), (["AT", "\(Int64.max)"], "INVALID"), (["AT", "-1"], "INVALID"),
    (["AT", "9223372036854775808"], "INVALID"), (["AT", "tomorrow"], "INVALID"),
    (["AT"], "INVALID"), (at(1) + at(2), "INVALID"), (["DRAFT"] + at(1), nil), (["DRAFT"], nil),
    (["DRAFT", "DRAFT"], "INVALID"),
  ]

  static let others: [(words: [String], code: String?)] = [
    (["LINK", "https://e.org"], nil), (["LINK", "ftp://e.org"], "INVALID"), (["LINK"], "INVALID"),
    (["LINK", ""], "INVALID"), (["LINK", "https://e.org", "LINK", "https://e.org"], "INVALID"),
    (["LINK", "https://e.org/" + String(repeating: "x", count: 2_034)], nil),
    (["LINK", "https://e.org/" + String(repeating: "x", count: 2_035)], "INVALID"),
    (["WARNING", String(repeating: "é", count: 500)], nil),
    (["WARNING", String(repeating: "é", count: 501)], "INVALID"), (["STORY"], nil),
    (["STORY", "STORY"], "INVALID"), (["STORY", "REPLY", "%p"], "INVALID"),
    (["STORY", "QUOTE", "%p"], nil), (["MEDIA"], "INVALID"), (["MEDIA", "x"], "INVALID"),
    (["MEDIA", "12345"], "NOTFOUND"), (["DRAFT", "REPLY", "%p", "QUOTE", "%p"], nil),
    (["DRAFT", "REPLY", "12345"], "NOTFOUND"), (["PUBLISH"], "INVALID"),
  ]

  @Test(arguments: polls + times + others)
  func `each option has its bounds`(words: [String], code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "a post").string ?? ""
    let enqueued = world.journal.enqueued
    let reply = await alice.call(["POST", "text"] + words.map { $0 == "%p" ? post : $0 })
    #expect(reply.code == code, "\(reply)")
    if code != nil { #expect(world.journal.enqueued == enqueued) }
    guard let id = reply.string, code == nil else { return }
    #expect(await alice("GET", id)["text"]?.string == "text")
  }

  @Test(
    arguments: [
      (["EDIT", "%p"], "ERR"), (["EDIT", "%p", ""], "INVALID"),
      (["EDIT", "%p", "x", "LINK", "no link"], "INVALID"),
      (["EDIT", "%p", "x", "LINK"], "INVALID"),
      (["EDIT", "%p", "x", "LINK", ""], nil), (["EDIT", "%p", "x", "WARNING", ""], nil),
      (["EDIT", "%p", "x", "WARNING", String(repeating: "w", count: 501)], "INVALID"),
      (["EDIT", "%p", "x", "POLL", "2", "a", "b"], "INVALID"),
      (["EDIT", "%p", "x", "MEDIA", "1"], "INVALID"), (["EDIT", "x", "x"], "INVALID"),
      (["EDIT", "%p", String(repeating: "x", count: 5_000)], nil),
      (["EDIT", "%p", String(repeating: "x", count: 5_001)], "INVALID"),
    ] as [([String], String?)])
  func `an edit keeps the bounds of a post`(words: [String], code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let post = await alice("POST", "a post").string ?? ""
    let reply = await alice.call(words.map { $0 == "%p" ? post : $0 })
    #expect(reply.code == code, "\(reply)")
    if code != nil { #expect(await alice("GET", post)["text"]?.string == "a post") }
  }

  @Test func `a post has up to ten media of one's own and is named by the first`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    var ids: [String] = []
    for number in 0...MediaReference.mediaMax {
      let kind = number == 0 ? "video" : "image"
      ids.append(await alice("MEDIA", "ADD", kind, "https://e.org/\(number)").string ?? "")
    }
    let post = await alice.call(["POST", "ten", "MEDIA"] + ids.prefix(10)).string ?? ""
    let shown = await bob("GET", post)
    #expect(shown["media"]?.elements.map { $0["id"]?.string } == Array(ids.prefix(10)))
    #expect(shown["kind"]?.string == "video")
    #expect(await alice.call(["POST", "eleven", "MEDIA"] + ids).code == "INVALID")
    #expect(await alice("POST", "twice", "MEDIA", ids[0], ids[0]).code == "INVALID")
    #expect(await bob("POST", "hers", "MEDIA", ids[0]).code == "NOTFOUND")
    let image = await alice("POST", "x", "MEDIA", ids[1], ids[0], "LINK", "http://e.org").string
    #expect(await bob("GET", image ?? "")["kind"]?.string == "image")
    let link = await alice("POST", "x", "LINK", "http://e.org").string ?? ""
    #expect(await bob("GET", link)["kind"]?.string == "link")
    #expect(await bob("GET", link)["link"]?.string == "http://e.org")
    let poll = await alice("POST", "x", "POLL", "2", "a", "b", "MEDIA", ids[0]).string ?? ""
    #expect(await bob("GET", poll)["kind"]?.string == "poll")
    let text = await alice("POST", "x").string ?? ""
    #expect(await bob("GET", text)["kind"]?.string == "text")
    #expect(await bob("GET", text)["link"] == .null)
  }

  @Test func `COMMAND DOCS tells what stands behind POLL`() async throws {
    let world = try await TestWorld()
    let client = await world.connect(.three)
    let docs = await client("COMMAND", "DOCS", "post")["post"]
    let arguments = docs?["arguments"]?.elements ?? []
    let poll = try #require(arguments.first { $0["token"]?.string == "POLL" })
    #expect(poll["type"]?.string == "block")
    #expect(poll["flags"] == .array([.simple("optional")]))
    let parts = poll["arguments"]?.elements ?? []
    #expect(parts.map { $0["name"]?.string } == ["count", "option"])
    #expect(parts.map { $0["type"]?.string } == ["integer", "string"])
    #expect(parts.last?["flags"] == .array([.simple("multiple")]))
    let media = try #require(arguments.first { $0["token"]?.string == "MEDIA" })
    #expect(media["flags"] == .array([.simple("optional"), .simple("multiple")]))
    for token in ["MULTIPLE", "STORY", "DRAFT"] {
      let flag = try #require(arguments.first { $0["token"]?.string == token })
      #expect(flag["type"]?.string == "pure-token", "\(token)")
    }
    let help = await client("HELP", "POST").elements.first?.string ?? ""
    #expect(help.contains("[POLL <count> <option> …]"), "\(help)")
  }
}
