import Domain
import Testing
import Wire

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct MediaTests {
  @Test(arguments: Dialect.allCases)
  func `adding a medium answers its id, once for a key`(_ dialect: Dialect) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice", dialect)
    let words = ["MEDIA", "ADD", "image", "https://e.org/a.png", "ALT", "A bird", "KEY", "k"]
    let id = await alice.call(words)
    #expect(id == (await alice.call(words)))
    #expect(id != (await alice("MEDIA", "ADD", "video", "https://e.org/b.mp4")))
    let text = id.string?.replacing("\"", with: "") ?? ""
    #expect(MediaID(text: text) != nil)
  }

  @Test(arguments: [
    (["image", "ftp://e.org"], "INVALID"), (["sound", "http://e.org"], "INVALID"),
    (["image"], "ERR"), (["image", "http://e.org", "ALT"], "INVALID"),
    (["image", "http://e.org", "ALT", ""], nil), (["VIDEO", "http://e.org"], nil),
  ])
  func `each mistake has its code`(_ words: [String], _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    #expect(await alice.call(["MEDIA", "ADD"] + words).code == code)
    let stranger = await world.connect()
    #expect(await stranger.call(["MEDIA", "ADD", "image", "http://e.org"]).code == "NOAUTH")
  }

  @Test func `media are found by their owner and shown with link and alt text`() async throws {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    _ = await world.person("bob")
    let service = world.service
    let picture = await alice("MEDIA", "ADD", "image", "https://e.org/a", "ALT", "A bird").string
    let film = await alice("MEDIA", "ADD", "video", "https://e.org/b", "ALT", "").string
    let ids = try [film, picture].map { try #require($0.flatMap { UInt64($0) }) }
    let media = try await service.media(ids, of: service.userID(Username("alice")))
    let shown = try service.reply(media).elements
    #expect(shown.map { $0["id"]?.string } == [film, picture])
    #expect(shown.map { $0["kind"]?.string } == ["video", "image"])
    #expect(shown.map { $0["url"]?.string } == ["https://e.org/b", "https://e.org/a"])
    #expect(shown.map { $0["alt"] } == [.null, .text("A bird")])
    let bob = try service.userID(Username("bob"))
    await #expect(throws: Rejection.noSuchMedia) { try await service.media(ids, of: bob) }
    await #expect(throws: Rejection(.invalid, "a medium is named twice")) {
      try await service.media([ids[0], ids[0]], of: service.userID(Username("alice")))
    }
  }

  private static let command = CommandSpec(
    "SHOW", [.id(), .media, .text("warning").after("WARNING")], "For this test.",
    access: .anyone, rate: .read
  ) { _, _ in Response(.ok) }

  @Test func `an option takes values up to the next option's word`() throws {
    let words = ["1", "MEDIA", "3", "2", "warning", "x"].map { Argument($0) }
    let arguments = try Arguments(words[...], as: Self.command)
    #expect(arguments.ids("media") == [3, 2])
    #expect(arguments.text("warning") == "x")
    #expect(Self.command.syntax == "<id> [MEDIA <media> …] [WARNING <warning>]")
    let docs = Self.command.arguments[1].docs
    #expect(docs["flags"] == .array([.simple("optional"), .simple("multiple")]))
    #expect(docs["token"] == .text("MEDIA"))
  }

  @Test(arguments: [
    (10, nil), (11, "MEDIA takes at most 10 values"), (0, "MEDIA needs a value"),
  ])
  func `an option takes one to ten values`(count: Int, refusal: String?) throws {
    let words = (["1", "MEDIA"] + (0..<count).map { "\($0 + 1)" }).map { Argument($0) }
    do {
      let arguments = try Arguments(words[...], as: Self.command)
      #expect(refusal == nil)
      #expect(arguments.ids("media").count == count)
    } catch {
      #expect(error.message == refusal)
      #expect(error.code == .invalid)
    }
  }

  @Test func `an option of many values is given once`() {
    let words = ["1", "MEDIA", "3", "MEDIA", "4"].map { Argument($0) }
    #expect(throws: Rejection(.invalid, "MEDIA is given twice")) {
      try Arguments(words[...], as: Self.command)
    }
  }
}
