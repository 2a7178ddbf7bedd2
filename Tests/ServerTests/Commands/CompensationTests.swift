import Domain
import Engine
import Journal
import Server
import Testing
import Wire

/// What a bad release did is taken back through the front door, and people see what they saw
/// before.
@Suite(.timeLimit(.minutes(1)))
struct CompensationTests {
  private static let names = ["ada", "ben", "cleo", "dan", "eve"]

  private struct Dice {
    var state: UInt64
    mutating func roll(_ count: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      return Int(mix64(state) % UInt64(count))
    }
  }

  /// Five people, their posts, a list each and a group.
  private struct Circle {
    let world: TestWorld
    var people: [TestConnection] = []
    var posts: [String] = []
    var lists: [String] = []
    var chat = ""
    var dice: Dice

    init(seed: UInt64) async throws {
      world = try await TestWorld(shards: 2)
      dice = Dice(state: seed)
      for name in CompensationTests.names { people.append(await world.person(name)) }
      for person in people {
        for number in 0..<3 {
          posts.append(await person("POST", "number \(number) #town").string ?? "")
        }
        lists.append(await person("LIST", "NEW", "mine").string ?? "")
      }
      chat = await people[0]("CHAT", "NEW", "ben", "cleo", "TITLE", "group").string ?? ""
    }

    /// Something that can be taken back; often a repetition, which does nothing.
    mutating func act() async {
      let one = dice.roll(people.count)
      let other = CompensationTests.names[
        (one + 1 + dice.roll(people.count - 1)) % people.count]
      let post = posts[dice.roll(posts.count)]
      let own = posts[one * 3 + dice.roll(3)]
      let emoji = ["👍", "🎉", "😢"][dice.roll(3)]
      let choices = [
        ["FOLLOW", other], ["UNFOLLOW", other], ["LIKE", post], ["UNLIKE", post],
        ["SHARE", post], ["UNSHARE", post], ["REACT", post, emoji], ["UNREACT", post],
        ["BOOKMARK", post], ["UNBOOKMARK", post], ["PIN", own], ["UNPIN", own],
        ["MUTE", other], ["UNMUTE", other], ["BLOCK", other], ["UNBLOCK", other],
        ["HASHTAG", "FOLLOW", "town"], ["HASHTAG", "UNFOLLOW", "town"],
        ["LIST", "ADD", lists[one], other], ["LIST", "REMOVE", lists[one], other],
        ["CHAT", "ADD", chat, other], ["CHAT", "REMOVE", chat, other],
      ]
      _ = await people[one].call(choices[dice.roll(choices.count)])
    }

    /// What everybody sees, but for the order in which things were done.
    func look() async -> [String] {
      var seen: [String] = []
      for (number, person) in people.enumerated() {
        for other in CompensationTests.names where other != CompensationTests.names[number] {
          seen.append("\(number) \(other) \(await person("RELATION", other))")
        }
        for post in posts {
          let shown = await person("GET", post)
          for field in ["likes", "shares", "reactions", "liked", "shared", "reacted", "bookmarked"]
          {
            seen.append("\(number) \(post) \(field) \(shown[field] ?? .null)")
          }
        }
        let tags = await person("HASHTAGS").items.map { $0["tag"] ?? .null }
        seen.append("\(number) \(tags)")
        let profile = await person("PROFILE", CompensationTests.names[number])
        let pinned = (profile["pinned"]?.elements ?? []).map { "\($0)" }.sorted()
        let listed = await person("LIST", "SHOW", lists[number]).items
          .map { "\($0["username"] ?? .null)" }.sorted()
        seen.append("\(number) \(pinned) \(listed)")
      }
      return seen
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6])
  func `whatever a bad release did, people see again what they saw before`(
    _ seed: UInt64
  ) async throws {
    var circle = try await Circle(seed: seed)
    for _ in 0..<150 { await circle.act() }
    let before = await circle.look()
    let start = circle.world.journal.durable
    for _ in 0..<80 { await circle.act() }
    #expect(await circle.look() != before)
    let end = circle.world.journal.durable
    let compensation = try Compensation(circle.world.journal) {
      $0.position > start && $0.position <= end
    }
    #expect(compensation.count == Int(end.raw - start.raw))
    #expect(!compensation.steps.isEmpty)
    let admin = try await circle.world.admin()
    // Twice: the keys make it safe.
    for _ in 0..<2 {
      for step in compensation.steps {
        let words = step.line.split(separator: " ").map(String.init)
        let reply = await admin.call(words)
        #expect(reply.code == nil, "\(step.line): \(reply)")
      }
    }
    let after = await circle.look()
    for (old, new) in zip(before, after) { #expect(old == new) }
    #expect(try Compensation(circle.world.journal) { $0.position > end }.count > 0)
  }

  @Test func `what somebody has changed since is theirs`() async throws {
    let world = try await TestWorld()
    let ada = await world.person("ada")
    _ = await world.person("ben")
    let start = world.journal.durable
    #expect(await ada("FOLLOW", "ben").code == nil)
    let end = world.journal.durable
    #expect(await ada("UNFOLLOW", "ben").code == nil)
    #expect(await ada("FOLLOW", "ben").code == nil)
    let compensation = try Compensation(world.journal) {
      $0.position > start && $0.position <= end
    }
    #expect(compensation.steps.isEmpty)
    #expect(compensation.remarks.count == 1)
    #expect(compensation.remarks.first?.positions == [end])
  }

  @Test func `what no command takes back is named`() async throws {
    let world = try await TestWorld()
    let ada = await world.person("ada")
    let start = world.journal.durable
    let post = await ada("POST", "one").string ?? ""
    #expect(await ada("EDIT", post, "two").code == nil)
    #expect(await ada("DELETE", await ada("POST", "three").string ?? "").code == nil)
    let compensation = try Compensation(world.journal) { $0.position > start }
    #expect(compensation.steps.map(\.words) == [["DELETE", post]])
    #expect(compensation.remarks.map(\.positions) == [[Position(start.raw + 2)]])
    let kept = try Compensation(world.journal) { $0.position == world.journal.durable }
    #expect(kept.steps.isEmpty && kept.remarks.first?.sentence.contains("deleted") == true)
  }

  /// Takes back what came after a position, sends it, and returns the lines.
  private func takeBack(
    _ world: TestWorld, after start: Position
  ) async throws -> (lines: [String], remarks: [String]) {
    let compensation = try Compensation(world.journal) { $0.position > start }
    let admin = try await world.admin()
    for step in compensation.steps {
      let reply = await admin.call(step.line.split(separator: " ").map(String.init))
      #expect(reply.code == nil, "\(step.line): \(reply)")
    }
    return (
      compensation.steps.map { step in
        step.line.split(separator: " ").prefix { $0 != "KEY" }.joined(separator: " ")
      }, compensation.remarks.map(\.sentence)
    )
  }

  @Test func `a badge is taken from whom it was given to`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    let ada = await world.person("ada")
    let start = world.journal.durable
    #expect(await admin("VERIFY", "ada", "on").code == nil)
    #expect(try await takeBack(world, after: start).lines == ["VERIFY ada off"])
    #expect(await ada("PROFILE", "ada")["verified"] == .integer(0))
  }

  @Test func `whoever was let in by mistake waits again, and whoever was put out is let in`()
    async throws
  {
    let world = try await TestWorld()
    let ada = await world.person("ada")
    let ben = await world.person("ben")
    #expect(await ada("PROFILE", "SET", "PRIVATE", "on").code == nil)
    #expect(await ben("FOLLOW", "ada").string == "requested")
    var start = world.journal.durable
    #expect(await ada("ACCEPT", "ben").code == nil)
    #expect(
      try await takeBack(world, after: start).lines == [
        "AS ben UNFOLLOW ada", "AS ben FOLLOW ada",
      ])
    #expect(await ben("RELATION", "ada")["requested"] == .integer(1))
    #expect(await ada("ACCEPT", "ben").code == nil)
    start = world.journal.durable
    #expect(await ben("UNFOLLOW", "ada").code == nil)
    #expect(
      try await takeBack(world, after: start).lines == ["AS ben FOLLOW ada", "AS ada ACCEPT ben"])
    #expect(await ben("RELATION", "ada")["following"] == .integer(1))
  }

  @Test func `who was promoted because the last admin left is left alone, and named`()
    async throws
  {
    let world = try await TestWorld()
    let ada = await world.person("ada")
    _ = await world.person("ben")
    _ = await world.person("cleo")
    let chat = await ada("CHAT", "NEW", "ben", "cleo", "TITLE", "group").string ?? ""
    let start = world.journal.durable
    #expect(await ada("CHAT", "LEAVE", chat).code == nil)
    let (lines, remarks) = try await takeBack(world, after: start)
    #expect(lines == [])
    #expect(remarks.count == 2 && remarks.contains { $0.contains("promoted") })
  }

  @Test func `what hangs on a post that is gone is named, and a token is taken back`()
    async throws
  {
    let world = try await TestWorld()
    let ada = await world.person("ada")
    let ben = await world.person("ben")
    let post = await ada("POST", "one").string ?? ""
    let start = world.journal.durable
    #expect(await ben("LIKE", post).code == nil)
    let token = await ben("TOKEN", "NEW")["id"]?.string ?? ""
    let end = world.journal.durable
    #expect(await ada("DELETE", post).code == nil)
    let compensation = try Compensation(world.journal) {
      $0.position > start && $0.position <= end
    }
    #expect(compensation.steps.map(\.words) == [["TOKEN", "REVOKE", token]])
    #expect(compensation.remarks.map(\.positions) == [[start.next]])
    let admin = try await world.admin()
    #expect(await admin("AS", "ben", "TOKEN", "REVOKE", token).code == nil)
    #expect(await ben("TOKEN", "LIST").elements.count == 0)
  }
}
