import Domain
import Engine
import Entities
import Foundation
import Journal
import Testing
import Wire

@testable import Server

/// docs/live.md says what is pushed.
@Suite(.timeLimit(.minutes(1)))
struct LiveDocsTests {
  private static let page: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return (try? String(contentsOf: root.appending(path: "docs/live.md"), encoding: .utf8)) ?? ""
  }()

  /// `tag:<tag>` → its events, from the table.
  private static var channels: [String: Set<String>] {
    var channels: [String: Set<String>] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let words = line.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }
        .map { String($0.element) }
      let named = line.split(separator: "|").last.map { $0.split(separator: "`") } ?? []
      let events = named.map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
      if let channel = words.first { channels[channel] = Set(events) }
    }
    return channels
  }

  /// The fields of the examples of each event.
  private static var fields: [String: Set<Set<String>>] {
    var fields: [String: Set<Set<String>>] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("{\"event\"") {
      guard let event = LiveEvent(channel: "", json: String(line)) else {
        Issue.record("no JSON: \(line)")
        continue
      }
      fields[event.event, default: []].insert(Set(event.fields.keys))
    }
    return fields
  }

  @Test func `the page names each channel's events and their fields, and no others`() async throws {
    var told: [String: Set<String>] = [:]
    for event in try await everything() {
      let kind = event.channel.split(separator: ":").first.map(String.init) ?? ""
      let name = Self.channels.keys.first { $0 == kind || $0.hasPrefix(kind + ":") } ?? kind
      told[name, default: []].insert(event.event)
      // On a post's own channel a share is a count.
      let shape = kind == "post" && event.event == "share" ? "like" : event.event
      let keys = Set(event.fields.keys)
      #expect(Self.fields[shape]?.contains(keys) == true, "\(event.channel) \(event.event) \(keys)")
    }
    #expect(told == Self.channels)
    let message = LivePayload.gap(on: "", after: .zero, to: Position(1))
    let gap = LiveEvent(channel: "", json: message.payload)
    #expect(gap.map { [Set($0.fields.keys)] } == Self.fields["gap"])
    let named = Self.channels.values.reduce(into: Set(["gap"])) { $0.formUnion($1) }
    #expect(named == Set(Self.fields.keys))
  }

  /// Everything that can happen to alice's channels.
  private func everything() async throws -> [LiveEvent] {
    let world = try await TestWorld(shards: 2)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    _ = await alice("FOLLOW", "bob")
    _ = await bob("FOLLOW", "alice")
    let poll = await alice("POST", "which?", "POLL", "2", "a", "b").string ?? ""
    let post = await bob("POST", "the #sea").string ?? ""
    let other = await world.person("cleo")("POST", "hers").string ?? ""
    let chat = await bob("CHAT", "NEW", "bob", "alice", "TITLE", "two").string ?? ""
    await world.rest()
    let listener = await world.listener(
      as: "alice", to: "home", "inbox", "chats@0", "chat:\(chat)@0", "tag:sea", "user:bob",
      "public", "post:\(post)@0", "post:\(poll)", "presence")
    _ = await bob("POST", "another #sea")
    _ = await bob("SHARE", other)
    await world.rest()
    _ = await bob("UNSHARE", other)
    _ = await bob("EDIT", post, "the #sea again")
    await world.rest()
    _ = await alice("REPLY", post, "yes")
    for words in [["LIKE"], ["SHARE"], ["REACT", "🎉"]] {
      _ = await alice.call([words[0], post] + words.dropFirst())
    }
    _ = await bob("VOTE", poll, "0")
    try await world.act(.moderate(.underReview, secret: nil), on: poll, by: .system)
    let message = await alice("SAY", chat, "hi").string ?? ""
    await world.rest()
    _ = await bob("READ", chat, message)
    _ = await bob("TYPING", chat)
    _ = await bob("DELETE", post)
    await world.rest()
    _ = await alice("UNSAY", chat, message)
    _ = await bob("CHAT", "TITLE", chat, "both")
    _ = await bob("CHAT", "LEAVE", chat)
    await bob.session.close()
    await world.rest()
    world.clock.advance(ms: Presence.graceMs)
    await world.service.live.tick()
    await world.rest()
    return listener.events()
  }
}
