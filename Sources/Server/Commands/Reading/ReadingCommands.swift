import Domain
import Engine
import Entities
import Projections
import Wire

/// Pages of posts, and what is talked about.
let readingCommands: [CommandSpec] = [
  CommandSpec(
    "HOME", ArgumentSpec.page,
    "Shows what the caller and those they follow posted and shared, newest first.",
    access: .read, rate: .read, errors: [.noAuth], handler: showHome),
  CommandSpec(
    "TIMELINE", [.username(), .flag("REPLIES")] + ArgumentSpec.page,
    "Shows what a person posted and shared; with REPLIES, also what they answered.",
    access: .publicRead, rate: .read, errors: [.noAuth, .denied, .notFound, .gone],
    handler: showTimeline),
  CommandSpec(
    "TAG", [.text("tag")] + ArgumentSpec.page, "Shows the public posts with a hashtag.",
    access: .publicRead, rate: .read, errors: [.noAuth], handler: showTag),
  CommandSpec(
    "PUBLIC", ArgumentSpec.page, "Shows everybody's public posts, newest first.",
    access: .publicRead, rate: .read, errors: [.noAuth], handler: showPublic),
  CommandSpec(
    "STORIES", ArgumentSpec.page,
    "Shows the stories of the caller and of those they follow, grouped by author.",
    access: .read, rate: .read, errors: [.noAuth], handler: showStories),
  CommandSpec(
    "TRENDING",
    [
      .word("what", ["tags", "posts"]).optional,
      .integer("count", 1...ArgumentSpec.pageCountMax).after("COUNT"),
    ],
    "Shows what is talked about more than usual, and why.", access: .publicRead, rate: .read,
    errors: [.noAuth], handler: showTrending),
]

private func showHome(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let viewer = try invocation.caller.user
  let request = try PageRequest(arguments, of: .home(viewer))
  return try await HomeView(service: invocation.service, viewer: viewer)
    .response(to: request, in: invocation.dialect)
}

extension HomeView {
  func response(to request: PageRequest, in dialect: ReplyDialect) async throws -> Response {
    let sheet = await sheet(request)
    let written = try request.written(
      sheet.page.items.map(\.pageKey), next: sheet.page.next, in: dialect
    ) { index, stream in
      try service.write(
        sheet.finds[index].post, viewer: viewer,
        isBookmarked: index < sheet.bookmarks.count && sheet.bookmarks[index],
        adding: sheet.page.items[index].sharer.map { .sharedBy($0) }, into: &stream)
    }
    return Response(written: written, after: sheet.position)
  }
}

private func showTimeline(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let viewer = invocation.identity?.user
  let author = try await service.userID(arguments.username(), shownTo: viewer)
  let includesReplies = arguments.has("replies")
  try await service.checkProfileIsOpen(author, to: viewer, since: .zero)
  let request = try PageRequest(
    arguments, of: .timeline(author, includesReplies: includesReplies))
  let partition = service.models(of: .user(author))
  return try await service.postsPage(
    request, viewer: viewer, in: invocation.dialect, post: \.post,
    sharer: { $0.kind == .share ? author : nil }
  ) { before, limit in
    await partition.read {
      $0.timeline(
        of: author, includesReplies: includesReplies, before: before, limit: limit)
    }
  }
}

private func showTag(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let tag = try arguments.tag()
  let service = invocation.service
  let partition = service.models(of: .tag(tag))
  return try await service.postsPage(
    PageRequest(arguments, of: .tag(tag)), viewer: invocation.identity?.user,
    in: invocation.dialect, post: \.post
  ) { before, limit in
    let posts = await partition.read { $0.tags.page(of: tag, before: before, limit: limit) }
    return PageSlice(candidates: posts, limit: limit)
  }
}

extension Tag {
  /// With or without `#` in front; nil if it is no hashtag.
  init?(hashtag text: String) {
    self.init(text.hasPrefix("#") ? String(text.dropFirst()) : text)
  }
}

extension Arguments {
  /// The argument `tag`. Throws INVALID for what is no hashtag.
  func tag() throws(Rejection) -> Tag {
    guard let tag = Tag(hashtag: text("tag") ?? "") else {
      throw Rejection(.invalid, "a hashtag has letters, digits and _, and not digits alone")
    }
    return tag
  }
}

private func showPublic(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let partition = service.engine.partitions[0]
  return try await service.postsPage(
    PageRequest(arguments, of: .public), viewer: invocation.identity?.user,
    in: invocation.dialect, post: \.post
  ) { before, limit in
    let posts = await partition.read { $0.publicTimeline.page(before: before, limit: limit) }
    return PageSlice(candidates: posts, limit: limit)
  }
}

extension Service {
  /// A page of posts that the viewer may see; those whose author the viewer mutes stay in.
  func postsPage<Candidate: PageCandidate>(
    _ request: PageRequest, viewer: UserID?, in dialect: ReplyDialect,
    post: (Candidate) -> PostID, sharer: (Candidate) -> UserID? = { _ in nil },
    fetch: (_ before: UInt64, _ limit: Int) async -> PageSlice<Candidate>
  ) async throws -> Response {
    var shown: [PostReading] = []
    // Also of what is left out: it may be gone by an event that is not durable yet.
    var position = Position.zero
    let page = await PageReader(count: request.count).read(
      before: request.before,
      fetch: fetch,
      admits: { candidates in
        let posts = await findPosts(candidates.map(post), viewer: viewer)
        for case let post? in posts { position = max(position, post.position) }
        let eyes = await eyes(
          of: viewer, on: posts.compactMap { $0?.facts.author }, since: position)
        return posts.map { post in
          guard let post, eyes.mayList(post) else { return false }
          shown.append(post)
          return true
        }
      })
    shown.removeLast(shown.count - page.items.count)
    position = max(position, await markBookmarks(of: viewer, in: &shown))
    let written = try request.written(
      page.items.map(\.pageKey), next: page.next, in: dialect
    ) { index, stream in
      let tail = sharer(page.items[index]).map { PostTail.sharedBy($0) }
      try write(shown[index], viewer: viewer, adding: tail, into: &stream)
    }
    return Response(written: written, after: position)
  }
}

private func showTrending(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let count = arguments.integer("count").map { Int($0) } ?? trendsDefault
  if arguments.text("what") == "posts" {
    return try await service.trendingPosts(count, viewer: invocation.identity?.user)
  }
  let now = service.clock.now
  var trends: [TrendItem<Tag>] = []
  for partition in service.engine.partitions {
    trends += await partition.read { $0.trending.topTags(at: now, count: count) }
  }
  trends.sort { $0.comesBefore($1) }
  return Response(
    .array(
      trends.prefix(count).map { trend in
        .map(ReplyMap([("tag", .text(trend.subject.text))] + trend.reasons))
      }))
}

/// Trends shown where COUNT is not given.
private let trendsDefault = 10
/// Posts looked at for each one asked for, since some may be hidden from the viewer.
private let trendingSpare = 4

extension Service {
  fileprivate func trendingPosts(_ count: Int, viewer: UserID?) async throws -> Response {
    let now = clock.now
    var trends: [TrendItem<PostID>] = []
    for partition in engine.partitions {
      trends += await partition.read {
        $0.trending.topPosts(at: now, count: count * trendingSpare)
      }
    }
    trends.sort { $0.comesBefore($1) }
    var shown: [PostReading] = []
    var shownTrends: [TrendItem<PostID>] = []
    var position = Position.zero
    for trend in trends where shown.count < count {
      guard let post = await readPost(trend.subject, viewer: viewer) else { continue }
      // Also of what is left out: it may be gone by an event that is not durable yet.
      position = max(position, post.position)
      let eyes = await eyes(of: viewer, on: [post.facts.author], since: position)
      guard eyes.mayList(post) else { continue }
      shown.append(post)
      shownTrends.append(trend)
    }
    position = max(position, await markBookmarks(of: viewer, in: &shown))
    let items = try zip(shownTrends, shown).map { trend, post in
      Reply.map(ReplyMap(trend.reasons + [("post", try reply(post, viewer: viewer))]))
    }
    return Response(.array(items), after: position)
  }
}

extension TrendItem {
  /// Why: accounts now against the usual.
  fileprivate var reasons: [(String, Reply)] {
    [
      ("score", .double(score)), ("accounts", .integer(Int64(now))),
      ("usual", .double(usual)),
    ]
  }
}
