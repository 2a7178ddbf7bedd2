import Domain
import Entities
import Projections
import Wire

/// Lists of people, for their owner's eyes.
let listCommands: [CommandSpec] = [
  CommandSpec(
    "LIST NEW", [.text("title")], "Makes a list of people; answers its id.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied], handler: makeList),
  CommandSpec(
    "LIST ADD", [.id("list"), .username()], "Adds somebody to an own list.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { invocation, arguments in
    let member = try await invocation.service.userID(
      arguments.username(), shownTo: invocation.caller.user)
    return try await change(&invocation, .add(arguments.list, member))
  },
  CommandSpec(
    "LIST REMOVE", [.id("list"), .username()], "Takes somebody off an own list.",
    access: .write, rate: .like, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let member = try invocation.service.userID(arguments.username(), orErased: true)
    return try await change(&invocation, .remove(arguments.list, member))
  },
  CommandSpec(
    "LIST DROP", [.id("list")], "Gives up an own list.", access: .write, rate: .like,
    mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { try await change(&$0, .drop($1.list)) },
  CommandSpec(
    "LIST SHOW", [.id("list").optional],
    "Shows the own lists with how many they have, or one with its members.", access: .read,
    rate: .read, errors: [.noAuth, .notFound], handler: showLists),
  CommandSpec(
    "TIMELINE LIST", [.id("list")] + ArgumentSpec.page,
    "Shows what the members of an own list posted and shared, newest first.", access: .read,
    rate: .read, errors: [.noAuth, .notFound], handler: showListTimeline),
]

extension Arguments {
  fileprivate var list: ListID { ListID(id("list") ?? 0) }
}

private func makeList(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let secret = Secret([.title: arguments.text("title") ?? ""])
  let ids = service.shard(of: .user(caller)).ids
  return Response(
    try await invocation.perform(
      .list(.make(ListID(ids.next()), secret: secret)), on: service.user(caller)))
}

private func change(
  _ invocation: inout Invocation, _ command: ListCommand
) async throws -> Response {
  let caller = try invocation.service.user(invocation.caller.user)
  return Response(try await invocation.perform(.list(command), on: caller))
}

private func showLists(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  if arguments.has("list") {
    let found = try await service.list(arguments.list, of: caller)
    let members = found.value.members.map { Reply.text(service.name($0)) }
    return Response(
      try service.reply(arguments.list, found.value, members: .array(members)),
      after: found.position)
  }
  let found = try await service.user(caller).read { $0.own.extras.value.lists.entries }
  let lists = try found.value.map { entry in
    let count = Reply.integer(Int64(entry.value.members.count))
    return try service.reply(entry.key, entry.value, members: count)
  }
  return Response(.array(lists), after: found.position)
}

private func showListTimeline(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let viewer = try invocation.caller.user
  let list = try await service.list(arguments.list, of: viewer)
  let request = try PageRequest(arguments, of: .list(arguments.list))
  let view = HomeView(service: service, viewer: viewer, members: Array(list.value.members))
  var response = try await view.response(to: request, in: invocation.dialect)
  response.position = max(response.position, list.position)
  return response
}

extension Service {
  /// Throws NOTFOUND for another's list.
  fileprivate func list(_ id: ListID, of owner: UserID) async throws -> Gated<PeopleList> {
    let found = try await user(owner).read { $0.own.extras.value.lists[id] }
    guard let list = found.value else { throw Rejection.noSuchList }
    return Gated(list, after: found.position, changed: false)
  }

  fileprivate func reply(
    _ id: ListID, _ list: PeopleList, members: Reply
  ) throws -> Reply {
    .map([
      "id": .id(id.raw), "title": try reply(.title, at: list.titlePosition), "members": members,
    ])
  }
}
