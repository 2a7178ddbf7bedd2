import Domain
import Engine
import Entities
import Projections
import Wire

/// Who follows whom.
let relationCommands: [CommandSpec] = [
  relation("FOLLOW", "Follows somebody: answers following, or requested for a private account.") {
    invocation, other in
    let facts = await invocation.service.followFacts(of: other)
    return .follow(other, targetIsPrivate: facts)
  },
  relation("UNFOLLOW", "Ends following somebody, or a request to.", takesBack: true) {
    .unfollow($1)
  },
  relation("BLOCK", "Ends following both ways and hides each from the other.") { .block($1) },
  relation("UNBLOCK", "Takes a block back.", takesBack: true) { .unblock($1) },
  relation("MUTE", "Hides somebody's posts and notifications from the own pages.") { .mute($1) },
  relation("UNMUTE", "Takes a mute back.", takesBack: true) { .unmute($1) },
  relation("ACCEPT", "Lets somebody follow who asked to.") { .accept($1) },
  relation("REJECT", "Refuses somebody who asked to follow.") { .reject($1) },
  CommandSpec(
    "REQUESTS", ArgumentSpec.page, "Lists who waits to be accepted as a follower, newest first.",
    access: .read, rate: .read, errors: [.noAuth]
  ) { invocation, arguments in
    let service = invocation.service
    let user = try invocation.caller.user
    let request = try PageRequest(arguments, of: .requests(user))
    let found = await service.models(of: .user(user)).read { models in
      models.page(
        .requestsReceived, of: user, before: request.before, limit: request.count + 1)
    }
    return Response(request.reply(found) { .text(service.name($0)) })
  },
  CommandSpec(
    "FOLLOWERS", [.username()] + ArgumentSpec.page,
    "Lists a person's followers in the order of following.", access: .publicRead, rate: .read,
    errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await listEdges(&$0, $1, followers: true) },
  CommandSpec(
    "FOLLOWING", [.username()] + ArgumentSpec.page,
    "Lists whom a person follows in the order of following.", access: .publicRead, rate: .read,
    errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await listEdges(&$0, $1, followers: false) },
  CommandSpec(
    "RELATION", [.username()], "Shows how the caller and a person stand to each other.",
    access: .read, rate: .read, errors: [.noAuth, .notFound, .gone]
  ) { invocation, arguments in
    let service = invocation.service
    let caller = try invocation.caller
    let other = try await service.userID(arguments.username(), shownTo: caller.user)
    let relation = await service.relation(of: caller.user, to: other, since: .zero)
    return Response(
      .map([
        "following": .flag(relation.follows), "followed_by": .flag(relation.followedBy),
        "requested": .flag(relation.requested), "blocking": .flag(relation.blocks),
        "blocked_by": .flag(caller.isAdmin && relation.blockedBy),
        "muting": .flag(relation.mutes),
      ]))
  },
]

/// What takes something back works on erased people too.
private func relation(
  _ name: String, _ summary: String, takesBack: Bool = false,
  _ command: @escaping @Sendable (Invocation, UserID) async -> UserCommand
) -> CommandSpec {
  CommandSpec(
    name, [.username()], summary, access: .write, rate: .follow, mutates: true,
    errors: [.noAuth, .denied, .notFound] + (takesBack ? [] : [.gone])
  ) { invocation, arguments in
    let service = invocation.service
    let user = try invocation.caller.user
    let name = arguments.username()
    let other =
      takesBack
      ? try service.userID(name, orErased: true)
      : try await service.userID(name, shownTo: user)
    let invocation = invocation
    return Response(
      try await invocation.perform(on: service.user(user)) {
        if !takesBack, service.engine.names.isErased(other) { throw Rejection.erasedUser }
        return await command(invocation, other)
      })
  }
}

extension Service {
  /// Whether following this person takes their consent. Looks at their newest setting, durable or
  /// not.
  func followFacts(of id: UserID) async -> Bool {
    guard let user = try? user(id) else { return false }
    return await user.read { $0.own.isPrivate }.value
  }
}

/// A page of usernames: whom a private account's edges concern is shown to its followers only.
private func listEdges(
  _ invocation: inout Invocation, _ arguments: Arguments, followers: Bool
) async throws -> Response {
  let service = invocation.service
  let viewer = invocation.identity?.user
  let id = try await service.userID(arguments.username(), shownTo: viewer)
  try await service.checkProfileIsOpen(id, to: viewer, since: .zero)
  let request = try PageRequest(arguments, of: followers ? .followers(id) : .following(id))
  let partition = service.models(of: .user(id))
  let page = await service.usernamesPage(request, viewer: viewer) { before, limit in
    await partition.read { models in
      let list = followers ? Graph.List.followers : .following
      return (models.page(list, of: id, before: before, limit: limit), models.position)
    }
  }
  // Once more: it may have been closed before the newest of these people came.
  try await service.checkProfileIsOpen(id, to: viewer, since: page.position)
  return Response(page.reply)
}
