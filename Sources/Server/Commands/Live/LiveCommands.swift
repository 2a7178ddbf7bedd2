import Domain
import Entities
import Journal
import Wire

/// What is pushed as it happens.
let liveCommands: [CommandSpec] = [
  CommandSpec(
    "SUBSCRIBE", [.text("channel").repeated],
    """
    Subscribes to home, inbox, chats, chat:<id> or tag:<tag>; with @<position> behind, from there \
    on.
    """,
    access: .anyone, rate: .connection, errors: [.noAuth, .notFound], handler: subscribe),
  CommandSpec(
    "UNSUBSCRIBE", [.text("channel").repeated.optional],
    "Ends subscriptions: the named ones, or all.", access: .anyone, rate: .connection,
    handler: unsubscribe),
]

/// Channels that one connection may follow.
private let subscriptionsMax = 1_024

private func subscribe(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  var wanted: [(channel: Channel, name: String, position: Position?)] = []
  for name in arguments.texts("channel") {
    let (channel, position) = try await invocation.channel(named: name)
    wanted.append((channel, name, position))
  }
  guard invocation.connection.subscriptions.count + wanted.count <= subscriptionsMax else {
    throw Rejection(.limit, "a connection follows at most \(subscriptionsMax) channels")
  }
  let session = invocation.session
  let viewer = invocation.identity?.user
  let live = invocation.service.live
  var replies: [Reply] = []
  for (channel, name, position) in wanted {
    await live.prepare(session, as: viewer, on: channel, after: position)
    if !invocation.connection.subscriptions.contains(channel) {
      invocation.connection.subscriptions.append(channel)
    }
    let count = Int64(invocation.connection.subscriptions.count)
    let shown = position == nil ? name : channel.name
    replies.append(.push([.text("subscribe"), .text(shown), .integer(count)]))
  }
  let starting = wanted.map(\.channel)
  invocation.afterReply = { for channel in starting { await live.start(session, on: channel) } }
  return Response(replies: replies)
}

private func unsubscribe(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let names = arguments.texts("channel").map { Channel.canonicalName($0) }
  let open = invocation.connection.subscriptions
  let ending = names.isEmpty ? open : open.filter { names.contains($0.name) }
  await invocation.service.live.unsubscribe(invocation.session, from: ending)
  let unknown = names.filter { name in !open.contains { $0.name == name } }
  var replies: [Reply] = []
  for channel in ending {
    invocation.connection.subscriptions.removeAll { $0 == channel }
    let left = Int64(invocation.connection.subscriptions.count)
    replies.append(.push([.text("unsubscribe"), .text(channel.name), .integer(left)]))
  }
  for name in unknown {
    let left = Int64(invocation.connection.subscriptions.count)
    replies.append(.push([.text("unsubscribe"), .text(name), .integer(left)]))
  }
  if replies.isEmpty { replies = [.push([.text("unsubscribe"), .null, .integer(0)])] }
  return Response(replies: replies)
}

extension Invocation {
  mutating func unsubscribeAll() async {
    await service.live.unsubscribe(session, from: connection.subscriptions)
    connection.subscriptions = []
  }

  /// Reads `home`, `inbox`, `chats`, `chat:<id>` or `tag:<tag>`, perhaps with `@<position>` behind.
  /// Throws NOTFOUND for a chat that the caller is no member of.
  func channel(named text: String) async throws -> (Channel, Position?) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    var position: Position?
    if parts.count == 2 {
      guard let raw = UInt64(parts[1]), raw <= service.journal.durable.raw else {
        throw Rejection(.invalid, "'\(parts[1].prefix(32))' is not a position of the journal")
      }
      position = Position(raw)
    }
    let name = String(parts[0])
    switch name {
    case "home": return (.home(try caller.user), position)
    case "inbox": return (.inbox(try caller.user), position)
    case "chats": return (.chats(try caller.user), position)
    default: break
    }
    if name.hasPrefix("chat:"), let id = ChatID(text: String(name.dropFirst(5))) {
      let user = try caller.user
      guard await (try service.chat(id)).read({ $0.isMember(user) }).value else {
        throw Rejection.noSuchChat
      }
      return (.chat(id), position)
    }
    if name.hasPrefix("tag:"), let tag = Tag(String(name.dropFirst(4))) {
      if service.settings.isPrivate { _ = try caller }
      return (.tag(tag), position)
    }
    throw Rejection(.invalid, "no such channel: '\(name.prefix(64))'")
  }
}
