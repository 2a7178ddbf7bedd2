import Domain
import Engine
import Entities
import Journal
import Wire

/// What is pushed as it happens.
let liveCommands: [CommandSpec] =
  [
    CommandSpec(
      "SUBSCRIBE", [.text("channel").repeated],
      """
      Subscribes to home, inbox, chats, chat:<id>, post:<id>, user:<name>, tag:<tag>, public or \
      presence; with @<position> behind, from there on.
      """,
      access: .anyone, rate: .connection, errors: [.noAuth, .denied, .notFound, .gone, .limit],
      handler: subscribe),
    CommandSpec(
      "UNSUBSCRIBE", [.text("channel").repeated.optional],
      "Ends subscriptions: the named ones, or all.", access: .anyone, rate: .connection,
      handler: unsubscribe),
  ] + whisperCommands

/// Channels that one connection may follow.
private let subscriptionsMax = 1_024
/// The same for who has not logged in: a subscription takes some hundred bytes.
private let strangerSubscriptionsMax = 32

private func subscribe(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  // What the caller has done before decides what they may see.
  await invocation.service.reached(invocation.readPosition)
  var wanted: [(channel: Channel, name: String, position: Position?)] = []
  var restsOn = invocation.service.engine.names.newestSignUp
  for name in arguments.texts("channel") {
    let (channel, position) = try await invocation.channel(named: name, &restsOn)
    // To resume is to read the journal, a million records of it perhaps.
    if position != nil { try invocation.charge(.read) }
    wanted.append((channel, name, position))
  }
  let isStranger = invocation.connection.identity == nil
  let countMax = isStranger ? strangerSubscriptionsMax : subscriptionsMax
  guard invocation.connection.subscriptions.count + wanted.count <= countMax else {
    throw Rejection(
      .limit,
      "\(isStranger ? "before logging in, " : "")a connection follows at most \(countMax) channels")
  }
  let session = invocation.session
  let viewpoint = Viewpoint(invocation.identity)
  let live = invocation.service.live
  var replies: [Reply] = []
  for (channel, name, position) in wanted {
    await live.prepare(session, as: viewpoint, on: channel, after: position)
    if !invocation.connection.subscriptions.contains(channel) {
      invocation.connection.subscriptions.append(channel)
    }
    let count = Int64(invocation.connection.subscriptions.count)
    let shown = position == nil ? name : channel.name
    replies.append(.push([.text("subscribe"), .text(shown), .integer(count)]))
  }
  let starting = wanted.map(\.channel)
  invocation.afterReply = { for channel in starting { await live.start(session, on: channel) } }
  var response = Response(replies: replies)
  response.position = restsOn
  return response
}

private func unsubscribe(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let names = arguments.texts("channel").map { ChannelName($0)?.canonical ?? $0 }
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

  /// The channel that a client names, and the position behind its `@`. Answers NOTFOUND for what
  /// the caller may not see, as for what does not exist; what it rests on is added to `restsOn`.
  func channel(
    named text: String, _ restsOn: inout Position
  ) async throws -> (Channel, Position?) {
    guard let name = ChannelName(text) else {
      throw Rejection(.invalid, "no such channel: '\(text.prefix(64))'")
    }
    let position = try position(of: name)
    switch name.kind {
    case .home: return (.home(try caller.user), position)
    case .inbox: return (.inbox(try caller.user), position)
    case .chats: return (.chats(try caller.user), position)
    case .presence: return (.presence(try caller.user), position)
    case .chat(let id):
      let user = try caller.user
      let isMember = await (try service.chat(id)).read { $0.isMember(user) }
      restsOn = max(restsOn, isMember.position)
      guard isMember.value else { throw Rejection.noSuchChat }
      return (.chat(id), position)
    case .everybody, .tag, .user, .post: break
    }
    if service.current.isPrivate { _ = try caller }
    return (try await open(name.kind, &restsOn), position)
  }

  private func position(of name: ChannelName) throws(Rejection) -> Position? {
    guard let text = name.position else { return nil }
    if name.kind == .presence {
      throw Rejection(.invalid, "presence is in no journal and cannot be resumed")
    }
    guard let raw = UInt64(text), raw <= service.journal.durable.raw else {
      throw Rejection(.invalid, "'\(text.prefix(32))' is not a position of the journal")
    }
    return Position(raw)
  }

  /// A channel that is open to anonymous connections too.
  private func open(
    _ kind: ChannelName.Kind, _ restsOn: inout Position
  ) async throws -> Channel {
    let viewpoint = Viewpoint(identity)
    switch kind {
    case .tag(let tag):
      return .tag(tag)
    case .post(let id):
      let post = try await service.visiblePost(
        id, viewer: viewpoint.user, asModerator: viewpoint.isModerator)
      restsOn = max(restsOn, post.position)
      return .post(id)
    case .user(let name):
      let user = try await service.userID(name, shownTo: viewpoint.user)
      try await service.checkProfileIsOpen(user, to: viewpoint.user, since: .zero)
      return .user(user, name)
    case .everybody, .home, .inbox, .chats, .chat, .presence:
      return .everybody
    }
  }
}
