import Domain
import Engine
import Entities
import Wire

private let postOptions: [ArgumentSpec] = [
  .word("visibility", Visibility.allCases.map { String(describing: $0) }).after("VISIBILITY"),
  .id("quote").after("QUOTE"), .text("warning").after("WARNING"),
]

/// Posts.
let postCommands: [CommandSpec] = [
  CommandSpec(
    "POST", [.text("text")] + postOptions + [.id("reply").after("REPLY")], "Publishes a post.",
    access: .write, rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound, .busy]
  ) { try await publish(&$0, $1, replyTo: $1.id("reply").map { PostID($0) }) },
  CommandSpec(
    "REPLY", [.id(), .text("text")] + postOptions, "Publishes an answer to a post.",
    access: .write, rate: .reply, mutates: true, errors: [.noAuth, .denied, .notFound, .busy]
  ) { try await publish(&$0, $1, replyTo: $1.id().map { PostID($0) }) },
  CommandSpec(
    "GET", [.id()], "Shows a post.", access: .publicRead, rate: .read,
    errors: [.noAuth, .notFound]
  ) { invocation, arguments in
    let viewer = invocation.identity?.user
    let service = invocation.service
    let post = try await service.visiblePost(PostID(arguments.id() ?? 0), viewer: viewer)
    return Response(try service.reply(post, viewer: viewer), after: post.position)
  },
  CommandSpec(
    "DELETE", [.id()], "Takes the own post back, for ever.", access: .write, rate: .post,
    mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { try await act(&$0, $1, .delete) },
  CommandSpec(
    "LIKE", [.id()], "Likes a post; answers its number of likes.", access: .write, rate: .like,
    mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { try await act(&$0, $1, .like) },
  CommandSpec(
    "UNLIKE", [.id()], "Takes a like back; answers the number of likes.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { try await act(&$0, $1, .unlike) },
  CommandSpec(
    "SHARE", [.id()], "Shares a post with one's followers; answers its number of shares.",
    access: .write, rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound],
    handler: share),
  CommandSpec(
    "UNSHARE", [.id()], "Takes a share back; answers the number of shares.", access: .write,
    rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { try await act(&$0, $1, .unshare) },
  CommandSpec(
    "THREAD", [.id()] + ArgumentSpec.page,
    "Shows a post with what it answers and what answers it.", access: .publicRead, rate: .read,
    errors: [.noAuth, .notFound], handler: showThread),
]

/// A command on a post that the caller may see.
private func act(
  _ invocation: inout Invocation, _ arguments: Arguments, _ command: PostCommand
) async throws -> Response {
  let service = invocation.service
  let id = PostID(arguments.id() ?? 0)
  _ = try await service.visiblePost(id, viewer: invocation.caller.user)
  return Response(try await invocation.perform(command, on: service.post(id)))
}

private func share(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let id = PostID(arguments.id() ?? 0)
  let caller = try invocation.caller.user
  let post = try await service.visiblePost(id, viewer: caller)
  let isPrivate = await service.eyes(of: caller, on: [post.facts.author])
    .isPrivate(post.facts.author)
  let share = ShareID(service.shard(of: .post(id)).ids.next())
  return Response(
    try await invocation.perform(
      .share(share, authorIsPrivate: isPrivate), on: service.post(id)))
}

private func publish(
  _ invocation: inout Invocation, _ arguments: Arguments, replyTo parent: PostID?
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let text = arguments.text("text") ?? ""
  try validatePostText(text)
  let found = try TextScanner.scan(text)
  var facts = PostFacts(
    author: caller,
    visibility: Visibility.allCases.first {
      String(describing: $0) == arguments.text("visibility")
    } ?? .public,
    tags: found.tags)
  facts.mentions = found.mentions.compactMap { service.engine.names.id(of: $0) }
  if let parent {
    let post = try await service.visiblePost(parent, viewer: caller)
    facts.reply = ReplyReference(
      parent: parent, parentAuthor: post.facts.author, root: post.facts.reply?.root ?? parent)
  }
  if let quoted = arguments.id("quote") {
    let post = try await service.visiblePost(PostID(quoted), viewer: caller)
    facts.quote = QuoteReference(post: post.id, author: post.facts.author)
  }
  var fields: [Secret.Field: String] = [.text: text]
  fields[.warning] = arguments.text("warning")
  let secret = Secret(fields)
  let published = facts
  let id = PostID(service.shard(of: .user(caller)).ids.next())
  let posts = service.shard(of: .post(id)).directory.posts
  do {
    return Response(
      try await invocation.perform(
        .publish(published, secret: secret), on: posts.findOrMake(id)))
  } catch {
    await posts.discardBlank(id)
    throw error
  }
}
