import Domain
import Engine
import Entities
import Projections
import Wire

/// What is written and not published yet.
let draftCommands: [CommandSpec] = [
  CommandSpec(
    "PUBLISH", [.id()], "Publishes a draft at once; answers its id.", access: .write, rate: .post,
    mutates: true, errors: [.noAuth, .denied, .notFound, .busy], handler: release),
  CommandSpec(
    "DRAFTS", ArgumentSpec.page, "Lists the own drafts and scheduled posts, newest first.",
    access: .read, rate: .read, errors: [.noAuth], handler: listDrafts),
]

private func release(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let id = PostID(arguments.id() ?? 0)
  let post = try await service.visiblePost(id, viewer: invocation.caller.user)
  guard try post.facts.author == invocation.caller.user else {
    throw Rejection(.denied, "that is another's post")
  }
  try await service.checkUnblocked(post.facts)
  let ids = service.shard(of: .post(id)).ids
  return Response(
    try await invocation.perform(.release(order: ShareID(ids.next())), on: service.post(id)))
}

extension Service {
  /// What was begun before a block answers and quotes nobody behind it. Throws NOTFOUND, as REPLY.
  fileprivate func checkUnblocked(_ facts: PostFacts) async throws {
    let others = [facts.reply?.parentAuthor, facts.quote?.author].compactMap { $0 }
    let eyes = await eyes(of: facts.author, on: others, since: .zero)
    if others.contains(where: { $0 != facts.author && eyes.isBlocked($0) }) {
      throw Rejection.noSuchPost
    }
  }
}

private func listDrafts(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let request = try PageRequest(arguments, of: .drafts(caller))
  let partition = service.models(of: .user(caller))
  var readings: [PostID: PostReading] = [:]
  var position = Position.zero
  let page = await PageReader(count: request.count).read(
    before: request.before,
    fetch: { before, limit in
      let drafts = await partition.read { $0.drafts(of: caller, before: before, limit: limit) }
      return PageSlice(candidates: drafts, limit: limit)
    },
    admits: { candidates in
      for post in await service.readPosts(candidates, viewer: caller) {
        // Also of what is left out: it may be published by an event that is not durable yet.
        position = max(position, post.position)
        if post.isDraft { readings[post.id] = post }
      }
      return candidates.map { readings[$0] != nil }
    })
  let items = try page.items.compactMap { id in
    try readings[id].map { try service.reply($0, viewer: caller) }
  }
  return Response(
    request.reply(items, keys: page.items.map(\.pageKey), next: page.next), after: position)
}

extension PostReading {
  /// Whether it is to be published yet.
  var isDraft: Bool {
    switch status {
    case .draft, .scheduled: true
    case .published, .underReview, .removed, .deleted, .expired, .erased: false
    }
  }
}
