import Domain
import Entities
import Projections
import Wire

/// Posts that people keep for themselves, and those that they put on their own page.
let bookmarkCommands: [CommandSpec] = [
  CommandSpec(
    "BOOKMARK", [.id()], "Keeps a post for oneself.", access: .write, rate: .like,
    mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { invocation, arguments in
    let caller = try invocation.caller.user
    let post = try await invocation.service.livePost(arguments.post, viewer: caller)
    return try await keep(&invocation, .bookmark(post.id))
  },
  CommandSpec(
    "UNBOOKMARK", [.id()], "Keeps a post no longer, whether or not it can be seen still.",
    access: .write, rate: .like, mutates: true, errors: [.noAuth, .denied]
  ) { try await keep(&$0, .unbookmark($1.post)) },
  CommandSpec(
    "BOOKMARKS", ArgumentSpec.page,
    "Shows the bookmarked posts that can still be seen, the newest bookmark first.",
    access: .read, rate: .read, errors: [.noAuth], handler: showBookmarks),
  CommandSpec(
    "PIN", [.id()], "Puts an own post on the own page.", access: .write, rate: .like,
    mutates: true, errors: [.noAuth, .denied, .notFound, .gone], handler: pin),
  CommandSpec(
    "UNPIN", [.id()], "Takes a post off the own page.", access: .write, rate: .like,
    mutates: true, errors: [.noAuth, .denied]
  ) { try await keep(&$0, .unpin($1.post)) },
]

extension Arguments {
  fileprivate var post: PostID { PostID(id() ?? 0) }
}

/// A command on what the caller keeps.
func keep(_ invocation: inout Invocation, _ command: KeepCommand) async throws -> Response {
  let caller = try invocation.service.user(invocation.caller.user)
  return Response(try await invocation.perform(.keep(command), on: caller))
}

private func showBookmarks(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let user = try service.user(caller)
  var position = Position.zero
  var response = try await service.postsPage(
    PageRequest(arguments, of: .bookmarks(caller)), viewer: caller, in: invocation.dialect,
    post: \KeyedItem<PostID>.item
  ) { before, limit in
    let found = await user.read { $0.own.extras.value.bookmarked(before: before, limit: limit) }
    position = max(position, found.position)
    return PageSlice(candidates: found.value, limit: limit)
  }
  response.position = max(response.position, position)
  return response
}

extension UserExtras {
  fileprivate func bookmarked(before: UInt64, limit: Int) -> [KeyedItem<PostID>] {
    var items: [KeyedItem<PostID>] = []
    bookmarks.forEachNewest(before: Position(before)) { mark in
      items.append(KeyedItem(pageKey: mark.position.raw, item: mark.key))
      return items.count < limit
    }
    return items
  }
}

private func pin(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let post = try await service.livePost(arguments.post, viewer: caller)
  guard post.facts.author == caller else {
    throw Rejection(.denied, "that is another's post")
  }
  let isOpen = post.facts.visibility == .public || post.facts.visibility == .followers
  guard isOpen, !post.facts.isStory else {
    throw Rejection(.invalid, "only posts for all or for followers can be pinned, no stories")
  }
  let gone = try await service.deletedPins(of: caller)
  return try await keep(&invocation, .pin(post.id, gone: gone))
}

extension Service {
  /// A post that the viewer sees and that can be marked: published, and neither over nor hidden.
  /// INVALID for the viewer's own draft, DENIED for an own post that moderators have hidden.
  func livePost(_ id: PostID, viewer: UserID) async throws -> PostReading {
    let reading = try await visiblePost(id, viewer: viewer)
    let now = clock.now
    let refusal = try await post(id).read { state -> Rejection? in
      do throws(Rejection) {
        _ = try state.live(for: viewer, at: now)
        return nil
      } catch {
        return error
      }
    }
    if let refusal = refusal.value { throw refusal }
    return reading
  }

  /// Those of somebody's pins whose posts are deleted; looked for only where the pins are full.
  fileprivate func deletedPins(of owner: UserID) async throws -> [PostID] {
    let pins = try await user(owner).read { $0.own.extras.value.pins }.value
    guard pins.count >= UserState.pinsMax else { return [] }
    return await readPosts(pins, viewer: owner).filter { $0.status == .deleted }.map(\.id)
  }

  /// Of a person's pins those that the viewer finds in lists, the newest pin first.
  func pins(
    _ pins: ContiguousArray<PostID>, of owner: UserID, seenBy viewer: UserID?
  ) async -> (posts: [PostID], position: Position) {
    if pins.isEmpty { return ([], .zero) }
    let posts = await readPosts(pins.reversed(), viewer: viewer)
    let position = posts.map(\.position).max() ?? .zero
    let eyes = await eyes(of: viewer, on: [owner], since: position)
    return (posts.filter { eyes.mayList($0) }.map(\.id), position)
  }
}
