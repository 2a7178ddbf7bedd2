import Domain
import Engine
import Journal
import Testing
import Wire

@testable import Server

@Suite
struct LiveTests {
  /// The payload of a pushed message.
  private func payload(_ reply: Reply) -> String {
    if case .message(_, let payload) = reply { return payload }
    return reply.elements.last?.string ?? reply.string ?? ""
  }

  @Test(arguments: Dialect.allCases)
  func `what happens is pushed in the client's dialect`(_ dialect: Dialect) async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let alice = await world.person("alice", dialect)
    _ = await alice("FOLLOW", "bob")
    _ = await alice("SUBSCRIBE", "home")
    let post = await bob("POST", "hello").string ?? ""
    let message = await alice.next()
    switch dialect {
    case .two: #expect(message.elements.prefix(2) == [.text("message"), .text("home")])
    case .three:
      guard case .push(let parts) = message else { Issue.record("\(message)"); return }
      #expect(parts.prefix(2) == [.text("message"), .text("home")])
    case .line:
      #expect(message.string?.hasPrefix(#"{"message":{"channel":"home","event":{"#) == true)
    }
    #expect(payload(message).contains(#""event":"post""#) && payload(message).contains(post))
  }

  @Test func `whoever resumes gets each event once, also while more happens`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    for round in 0..<10 {
      let position = world.journal.durable.raw
      var posts: [String] = []
      for number in 0..<20 { posts.append(await bob("POST", "#t\(round) \(number)").string ?? "") }
      let reader = await world.person("carol\(round)")
      await reader.send("SUBSCRIBE", "tag:t\(round)@\(position)")
      for number in 20..<60 { await bob.send("POST", "#t\(round) \(number)") }
      for _ in 20..<60 { posts.append(await bob.next().string ?? "") }
      #expect(
        await reader.next().elements.map(\.string).prefix(2) == ["subscribe", "tag:t\(round)"])
      for post in posts {
        let text = payload(await reader.next())
        #expect(text.contains("\"id\":\"\(post)\""), "\(round)")
      }
      await world.settle()
      #expect(reader.pending() == [])
      await reader.session.close()
    }
  }

  @Test func `subscribing again misses nothing and doubles nothing`() async throws {
    let world = try await TestWorld(shards: 2)
    let bob = await world.person("bob")
    let reader = await world.person("carol")
    await reader.send("SUBSCRIBE", "tag:t")
    _ = await reader.next()
    var posts: [String] = []
    for number in 0..<60 {
      await bob.send("POST", "#t \(number)")
      await reader.send("SUBSCRIBE", "tag:t")
      posts.append(await bob.next().string ?? "")
    }
    var seen: [String] = []
    var confirmations = 0
    while seen.count < posts.count || confirmations < 60 {
      let reply = await reader.next()
      if reply.elements.first?.string == "subscribe" {
        confirmations += 1
        continue
      }
      let text = payload(reply)
      seen.append(posts.first { text.contains("\"id\":\"\($0)\"") } ?? "?")
    }
    #expect(seen == posts)
    #expect(await world.subscriptionsCount == 1)
  }

  @Test(arguments: ["tag:Swift", "tag:SWIFT", "tag:swift", "tag:swift@0"])
  func `a channel ends by any of its names`(_ name: String) async throws {
    let world = try await TestWorld()
    let reader = await world.connect()
    _ = await reader("SUBSCRIBE", "tag:Swift")
    #expect(await reader("UNSUBSCRIBE", name).elements.last == .integer(0))
    #expect(await world.subscriptionsCount == 0)
  }

  @Test(arguments: [(1_024, nil), (1_025, "LIMIT")])
  func `a connection follows 1 024 channels`(_ count: Int, _ code: String?) async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for start in stride(from: 0, to: 1_024, by: 512) {
      await alice.send(["SUBSCRIBE"] + (start..<start + 512).map { "tag:t\($0)" })
      for _ in 0..<512 { _ = await alice.next() }
    }
    if count > 1_024 { #expect(await alice("SUBSCRIBE", "tag:more").code == code) }
    #expect(await world.subscriptionsCount == 1_024)
  }
}
