import Domain
import Engine
import Entities
import Wire

private let postOptions: [ArgumentSpec] = [
  .word("visibility", Visibility.allCases.map { String(describing: $0) }).after("VISIBILITY"),
  .id("quote").after("QUOTE"), .text("warning").after("WARNING"),
  .id("media").after("MEDIA").manyValues(max: MediaReference.mediaMax),
  .text("url").after("LINK"),
  .text("option").after("POLL").counted(PollFacts.optionsMin...PollFacts.optionsMax),
  .flag("MULTIPLE"),
  .integer("seconds", PollFacts.secondsOpenMin...PollFacts.secondsOpenMax).after("CLOSES"),
  .flag("DRAFT"), .integer("at-ms", 0...Int64.max).after("AT"),
]

/// What writes, changes and takes back posts.
let writingCommands: [CommandSpec] = [
  CommandSpec(
    "POST",
    [.text("text")] + postOptions + [.id("reply").after("REPLY"), .flag("STORY")],
    "Publishes a post, or keeps it for later; answers its id.", access: .write, rate: .post,
    rateWith: ("reply", .reply), mutates: true, errors: [.noAuth, .denied, .notFound, .gone, .busy]
  ) { try await publish(&$0, $1, replyTo: $1.id("reply").map { PostID($0) }) },
  CommandSpec(
    "REPLY", [.id(), .text("text")] + postOptions, "Publishes an answer to a post.",
    access: .write, rate: .reply, mutates: true,
    errors: [.noAuth, .denied, .notFound, .gone, .busy]
  ) { try await publish(&$0, $1, replyTo: $1.id().map { PostID($0) }) },
  CommandSpec(
    "EDIT", [.id(), .text("text"), .text("warning").after("WARNING"), .text("url").after("LINK")],
    "Gives the own post or draft a new text; what is not given stays.", access: .write,
    rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound, .gone, .busy],
    handler: edit),
  CommandSpec(
    "DELETE", [.id()], "Takes the own post or draft back, for ever.", access: .write, rate: .post,
    mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { try await act(&$0, $1, .delete) },
]

/// A command on a post that the caller may see.
func act(
  _ invocation: inout Invocation, _ arguments: Arguments, _ command: PostCommand
) async throws -> Response {
  let service = invocation.service
  let post = try service.post(PostID(arguments.id() ?? 0))
  try await service.checkIsVisible(post, to: invocation.caller.user)
  return Response(try await invocation.perform(command, on: post))
}

private func publish(
  _ invocation: inout Invocation, _ arguments: Arguments, replyTo parent: PostID?
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let text = arguments.text("text") ?? ""
  try validatePostText(text)
  let facts = try await invocation.facts(of: text, arguments, replyTo: parent)
  let options = arguments.texts("option")
  for option in options { try validateOptionLine(option) }
  let secret = secret(of: text, arguments, facts.poll == nil ? [] : options)
  let scheduled = arguments.integer("at-ms").map { Instant(ms: $0) }
  let isDraft = scheduled != nil || arguments.has("draft")
  let id = PostID(service.shard(of: .user(caller)).ids.next())
  let posts = service.shard(of: .post(id)).directory.posts
  do {
    return Response(
      try await invocation.perform(
        isDraft
          ? .draft(facts, scheduled: scheduled, secret: secret) : .publish(facts, secret: secret),
        on: posts.findOrMake(id)))
  } catch {
    await posts.discardBlank(id)
    throw error
  }
}

/// What is sealed of a new post: mostly its text alone.
private func secret(of text: String, _ arguments: Arguments, _ options: [String]) -> Secret {
  let (warning, link) = (arguments.text("warning"), arguments.text("url"))
  if warning == nil, link == nil, options.isEmpty { return Secret(.text, text) }
  var fields: [Secret.Field: String] = [.text: text]
  fields[.warning] = warning
  fields[.link] = link
  if !options.isEmpty { fields[.options] = options.joined(separator: "\n") }
  return Secret(fields)
}

extension Invocation {
  /// The open part of a new post by the caller.
  fileprivate func facts(
    of text: String, _ arguments: Arguments, replyTo parent: PostID?
  ) async throws -> PostFacts {
    let author = try caller.user
    let found = try service.references(in: text)
    var facts = PostFacts(
      author: author,
      visibility: arguments.text("visibility").flatMap { Visibility(word: $0) } ?? .public,
      tags: found.tags, mentions: found.mentions)
    if let parent {
      let post = try await service.referablePost(parent, viewer: author)
      facts.reply = ReplyReference(
        parent: parent, parentAuthor: post.facts.author, root: post.facts.reply?.root ?? parent)
    }
    if let quoted = arguments.id("quote") {
      let post = try await service.referablePost(PostID(quoted), viewer: author)
      facts.quote = QuoteReference(post: post.id, author: post.facts.author)
    }
    facts.media = try await service.media(arguments.ids("media"), of: author)
    facts.isStory = arguments.has("story")
    facts.hasLink = arguments.has("url")
    facts.poll = try poll(arguments)
    return facts
  }

  private func poll(_ arguments: Arguments) throws(Rejection) -> PollFacts? {
    let options = arguments.texts("option")
    if options.isEmpty {
      guard !arguments.has("multiple"), !arguments.has("seconds") else {
        throw Rejection(.invalid, "MULTIPLE and CLOSES belong to a POLL")
      }
      return nil
    }
    return PollFacts(
      optionCount: options.count, isMultiple: arguments.has("multiple"),
      secondsOpen: arguments.integer("seconds"))
  }
}

extension Visibility {
  /// By its name, as the wire has it.
  fileprivate init?(word: String) {
    guard let found = Self.allCases.first(where: { String(describing: $0) == word }) else {
      return nil
    }
    self = found
  }
}

extension Service {
  /// The hashtags of a text, and the people whom it mentions; a name that nobody has, or that an
  /// erased person had, is no mention.
  func references(in text: String) throws(Rejection) -> (tags: [Tag], mentions: [UserID]) {
    let found = try TextScanner.scan(text)
    return (found.tags, found.mentions.compactMap { try? userID($0) })
  }
}

/// So often a text is written again that was edited elsewhere in the moment of writing.
private let editsMax = 8

private func edit(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  for _ in 1..<editsMax {
    do {
      return try await editOnce(&invocation, arguments)
    } catch let rejection as Rejection where rejection == .editedMeanwhile {
      continue
    }
  }
  return try await editOnce(&invocation, arguments)
}

/// What the new text does not say is taken over from the old one; the post refuses if that has been
/// replaced meanwhile.
private func editOnce(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let text = arguments.text("text") ?? ""
  try validatePostText(text)
  let id = PostID(arguments.id() ?? 0)
  let post = try await service.visiblePost(id, viewer: caller)
  guard post.facts.author == caller else { throw Rejection(.denied, "that is another's post") }
  let found = try service.references(in: text)
  // The old text may be on its way to the disk still.
  await service.reached(post.position)
  let base = post.textPosition
  var fields: [Secret.Field: String] = [.text: text]
  let old = try service.unsealed(at: base)
  fields[.warning] = arguments.text("warning") ?? old?[.warning]
  fields[.link] = arguments.text("url") ?? old?[.link]
  fields[.options] = old?[.options]
  for field in [Secret.Field.warning, .link] where fields[field]?.isEmpty ?? false {
    fields[field] = nil
  }
  let secret = Secret(fields)
  return Response(
    try await invocation.perform(
      .edit(tags: found.tags, mentions: found.mentions, base: base, secret: secret),
      on: service.post(id)))
}
