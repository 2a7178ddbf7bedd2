import Domain
import Engine
import Entities
import Journal
import Wire

/// What people do to posts that others wrote.
let markCommands: [CommandSpec] = [
  mark("LIKE", "Likes a post; answers its number of likes.", .like),
  mark("UNLIKE", "Takes a like back; answers the number of likes.", .unlike),
  CommandSpec(
    "SHARE", [.id()], "Shares a post with one's followers; answers its number of shares.",
    access: .write, rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound, .gone],
    handler: share),
  CommandSpec(
    "UNSHARE", [.id()], "Takes a share back; answers the number of shares.", access: .write,
    rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await act(&$0, $1, .unshare) },
  CommandSpec(
    "REACT", [.id(), .text("emoji")],
    "Reacts to a post with one emoji; answers its number of reactions.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await act(&$0, $1, .react($1.text("emoji") ?? "")) },
  mark("UNREACT", "Takes a reaction back; answers the number of reactions.", .unreact),
  CommandSpec(
    "VOTE", [.id(), .integer("option-index", 0...Int64(PollFacts.optionsMax - 1)).repeated],
    "Votes in a post's poll; options count from 0.", access: .write, rate: .like, mutates: true,
    errors: [.noAuth, .denied, .notFound, .gone, .conflict]
  ) { try await act(&$0, $1, .vote($1.integers("option-index").map { Int($0) })) },
  CommandSpec(
    "VIEW", [.id().repeated],
    "Counts posts as seen, once for each account; answers how many were new.", access: .write,
    rate: .read, mutates: true, errors: [.noAuth, .denied], handler: view),
]

private func mark(_ name: String, _ summary: String, _ command: PostCommand) -> CommandSpec {
  CommandSpec(
    name, [.id()], summary, access: .write, rate: .like, mutates: true,
    errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await act(&$0, $1, command) }
}

private func share(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let id = PostID(arguments.id() ?? 0)
  let caller = try invocation.caller.user
  let post = try await service.visiblePost(id, viewer: caller)
  let isPrivate = await service.eyes(of: caller, on: [post.facts.author], since: .zero)
    .isPrivate(post.facts.author)
  let share = ShareID(service.shard(of: .post(id)).ids.next())
  return Response(
    try await invocation.perform(
      .share(share, authorIsPrivate: isPrivate), on: service.post(id)))
}

/// Each post for itself; what cannot be seen is passed over, as what does not exist. With a key,
/// the number is kept with it: a repetition answers the same.
private func view(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  var count = 0
  var position = Position.zero
  var changed = false
  for id in Set(arguments.ids("id")).sorted().map({ PostID($0) }) {
    guard let answer = try await service.view(id, by: caller) else {
      // It may be gone by an event that is not durable yet.
      position = max(position, service.journal.enqueued)
      continue
    }
    position = max(position, answer.position)
    changed = changed || answer.changed
    if answer.changed { count += 1 }
  }
  let answer = Outcome.count(count)
  guard let key = invocation.requestKey else {
    return Response(Gated(answer, after: position, changed: changed))
  }
  return Response(
    try await service.user(caller).perform(.answerRequest(answer), by: caller, request: key))
}

extension Service {
  /// Nil for what cannot be seen or is no more. Throws BUSY.
  fileprivate func view(_ id: PostID, by viewer: UserID) async throws -> Gated<Outcome>? {
    do {
      _ = try await visiblePost(id, viewer: viewer)
      return try await post(id).perform(.view, by: viewer)
    } catch let rejection as Rejection {
      if rejection.code == .busy { throw rejection }
      return nil
    }
  }
}
