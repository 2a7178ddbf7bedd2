import Domain
import Entities
import Projections
import Wire

/// Hashtags that people follow, and which of them may trend.
let hashtagCommands: [CommandSpec] = [
  CommandSpec(
    "HASHTAG FOLLOW", [.text("tag")], "Brings a hashtag's public posts into the own home.",
    access: .write, rate: .follow, mutates: true, errors: [.noAuth, .denied]
  ) { try await keep(&$0, .followTag($1.tag())) },
  CommandSpec(
    "HASHTAG UNFOLLOW", [.text("tag")], "Ends following a hashtag.", access: .write,
    rate: .follow, mutates: true, errors: [.noAuth, .denied]
  ) { try await keep(&$0, .unfollowTag($1.tag())) },
  CommandSpec(
    "HASHTAGS", ArgumentSpec.page, "Lists the hashtags that the caller follows, newest first.",
    access: .read, rate: .read, errors: [.noAuth], handler: showHashtags),
  CommandSpec(
    "HASHTAG REVIEW", [.text("tag"), .word("verdict", ["allow", "deny"])],
    "Decides whether a hashtag may trend.", access: .moderator, rate: .operate, mutates: true,
    errors: [.noAuth, .denied], handler: review),
]

private func showHashtags(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let caller = try invocation.caller.user
  let request = try PageRequest(arguments, of: .hashtags(caller))
  let found = try await invocation.service.user(caller).read { state in
    state.own.extras.value.tags.reversed().lazy
      .filter { $0.position.raw < request.before }
      .map { KeyedItem(pageKey: $0.position.raw, item: $0.tag) }
      .prefix(request.count + 1)
      .map { $0 }
  }
  return Response(request.reply(found.value) { .text($0.text) }, after: found.position)
}

private func review(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let tag = try arguments.tag()
  let isAllowed = arguments.text("verdict") == "allow"
  let tags = invocation.service.shard(of: .tag(tag)).directory.tags
  do {
    return Response(
      try await invocation.perform(
        .review(trendingAllowed: isAllowed), on: tags.findOrMake(tag)))
  } catch {
    await tags.discardBlank(tag)
    throw error
  }
}
