import Domain
import Engine
import Entities
import Projections
import Wire

/// Posts.
let postCommands: [CommandSpec] =
  writingCommands + draftCommands + markCommands + [
    CommandSpec(
      "GET", [.id()], "Shows a post.", access: .publicRead, rate: .read,
      errors: [.noAuth, .notFound, .gone]
    ) { invocation, arguments in
      let viewer = invocation.identity?.user
      let service = invocation.service
      var post = try await service.shownPost(
        PostID(arguments.id() ?? 0), viewer: viewer,
        asModerator: invocation.identity?.isModerator ?? false)
      await service.markBookmark(of: viewer, in: &post)
      return try service.response(post, viewer: viewer, in: invocation.dialect)
    },
    CommandSpec(
      "THREAD", [.id()] + ArgumentSpec.page,
      "Shows a post with what it answers and what answers it.", access: .publicRead, rate: .read,
      errors: [.noAuth, .notFound, .gone], handler: showThread),
    CommandSpec(
      "LIKES", [.id()] + ArgumentSpec.page, "Lists who likes a post, the newest like first.",
      access: .publicRead, rate: .read, errors: [.noAuth, .notFound, .gone]
    ) {
      try await listActors(&$0, $1, of: PageList.likes) {
        $0.own.likes.newest(before: $1, limit: $2)
      }
    },
    CommandSpec(
      "SHARES", [.id()] + ArgumentSpec.page, "Lists who shared a post, the newest share first.",
      access: .publicRead, rate: .read, errors: [.noAuth, .notFound, .gone]
    ) {
      try await listActors(&$0, $1, of: PageList.shares) {
        $0.own.shares.newest(before: $1, limit: $2)
      }
    },
    CommandSpec(
      "EDITS", [.id()] + ArgumentSpec.page, "Shows the texts that a post had, the newest first.",
      access: .publicRead, rate: .read, errors: [.noAuth, .notFound, .gone], handler: showEdits),
  ]

/// A page of usernames out of a post's own log.
private func listActors(
  _ invocation: inout Invocation, _ arguments: Arguments, of list: (PostID) -> PageList,
  _ newest: @escaping @Sendable (inout PostState, Position, Int) -> [KeyedItem<UserID>]
) async throws -> Response {
  let service = invocation.service
  let viewer = invocation.identity?.user
  let post = try await service.visiblePost(PostID(arguments.id() ?? 0), viewer: viewer)
  let request = try PageRequest(arguments, of: list(post.id))
  let entity = try service.post(post.id)
  let page = await service.usernamesPage(request, viewer: viewer) { before, limit in
    let found = await entity.read { newest(&$0, Position(before), limit) }
    return (found.value, found.position)
  }
  // Once more: it may have been hidden before the newest of these people came.
  let shown = try await service.shownPost(post.id, viewer: viewer)
  return Response(page.reply, after: max(shown.position, page.position))
}

/// The text as it is, then those that it replaced.
private func showEdits(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let post = try await service.visiblePost(
    PostID(arguments.id() ?? 0), viewer: invocation.identity?.user)
  let request = try PageRequest(arguments, of: .edits(post.id))
  let limit = request.count + 1
  let found = try await service.post(post.id).read { state in
    state.versions(before: Position(request.before), limit: limit)
  }
  let reply = try request.reply(found.value) { version in
    .map([
      "text": try service.reply(.text, at: version.position),
      "warning": try service.reply(.warning, at: version.position),
      "link": try service.reply(.link, at: version.position), "at": .time(version.time),
    ])
  }
  let shown = try await service.shownPost(post.id, viewer: invocation.identity?.user)
  return Response(reply, after: max(shown.position, found.position))
}

extension PostState {
  /// At most `limit` of the texts that the post has and had, newest first.
  fileprivate func versions(before: Position, limit: Int) -> [KeyedItem<PostVersion>] {
    let extras = own.extras.value
    let newest = PostVersion(
      position: own.textPosition, time: extras.editedAt ?? own.publishedAt)
    let all = extras.versions + [newest]
    return all.reversed().filter { $0.position < before }.prefix(limit)
      .map { KeyedItem(pageKey: $0.position.raw, item: $0) }
  }
}

extension MarkLog {
  /// At most `limit` keys, the newest mark first.
  func newest(before: Position, limit: Int) -> [KeyedItem<Key>] {
    var items: [KeyedItem<Key>] = []
    forEachNewest(before: before) { entry in
      if items.count == limit { return false }
      items.append(KeyedItem(pageKey: entry.position.raw, item: entry.key))
      return true
    }
    return items
  }
}
