internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Entities as an operator sees them: names for numbers, and the text unsealed.
struct EntityViews {
  /// Messages shown of a chat, the newest ones.
  private static let messagesMax = 50

  let entities: EntityStates
  /// Folded from every record, or from those that matter to what is shown.
  let models: ReadModels
  let reader: JournalReader

  /// As clients see an erased person.
  static let goneName = "GONE"

  func name(_ id: UserID) -> String {
    if models.isErased(id) { return Self.goneName }
    return models.people.username(of: id)?.text ?? "\(id)"
  }

  /// Nil where there is none, or where it was erased.
  func text(_ field: Secret.Field, at position: Position) throws -> String? {
    guard position > .zero, case .text(let secret) = try reader.secret(at: position) else {
      return nil
    }
    return secret[field]
  }

  func user(_ id: UserID) throws -> JSON? {
    guard let entity = entities.users[id] else { return nil }
    let own = entity.state.own
    return .object([
      ("id", .string("\(id)")),
      ("username", own.isErased ? .string(Self.goneName) : string(own.username?.text)),
      ("erased", .bool(own.isErased)),
      ("name", string(try text(.name, at: own.texts.name))),
      ("bio", string(try text(.bio, at: own.texts.bio))),
      ("email", string(try text(.email, at: own.texts.email))),
      ("created_at", .int(own.created.ms)),
      ("private", .bool(own.isPrivate)),
      ("verified", .bool(own.isVerified)),
      ("messages", .string("\(own.messages)")),
      ("followers", .int(Int64(models.followersCount(of: id)))),
      ("following", .int(Int64(entity.state.followingCount))),
      ("posts", .int(Int64(entity.state.observed.posts))),
      ("replies", .int(Int64(entity.state.observed.replies))),
      (
        "blocking",
        .array(
          own.verdicts.entries.filter { $0.value.kind == .blocked }
            .map { .string(name($0.key)) })
      ),
      ("muting", .array(own.mutes.all.map { .string(name($0)) })),
      ("tokens", .int(Int64(own.tokens.count))),
      ("media", .int(Int64(own.media.count))),
      ("lists", .int(Int64(own.extras.value.lists.count))),
      ("bookmarks", .int(Int64(own.extras.value.bookmarks.count))),
      ("pinned", .array(own.extras.value.pins.map { .string("\($0)") })),
      ("tags", .array(own.extras.value.tags.map { .string($0.tag.text) })),
      ("reports", .int(Int64(own.extras.value.reports.count))),
      ("unread", .int(Int64(models.unread(of: id)))),
      ("events", .uint(entity.state.sequence)),
    ])
  }

  func post(_ id: PostID) throws -> JSON? {
    guard let post = entities.posts[id]?.state, let facts = post.facts else { return nil }
    return .object(try written(post, facts) + counts(of: post))
  }

  private func written(
    _ post: PostState, _ facts: PostFacts
  ) throws -> [(String, JSON)] {
    let extras = post.own.extras.value
    return [
      ("id", .string("\(post.id)")), ("author", .string(name(facts.author))),
      ("author_id", .string("\(facts.author)")),
      ("text", string(try text(.text, at: post.own.textPosition))),
      ("warning", string(try text(.warning, at: post.own.textPosition))),
      ("visibility", .string("\(facts.visibility)")),
      ("status", string(status(of: post, by: facts.author)?.rawValue)),
      ("created_at", .int(post.own.publishedAt.ms)),
      ("edited_at", time(extras.editedAt)), ("scheduled_at", time(extras.scheduled)),
      ("expires_at", time(post.expires)),
      ("reply_to", facts.reply.map { .string("\($0.parent)") } ?? .null),
      ("root", facts.reply.map { .string("\($0.root)") } ?? .null),
      ("quote_of", facts.quote.map { .string("\($0.post)") } ?? .null),
      ("tags", .array(facts.tags.map { .string($0.text) })),
      ("mentions", .array(facts.mentions.map { .string(name($0)) })),
    ]
  }

  /// But for the clock: an expired story is `published` here.
  func status(of post: PostState, by author: UserID) -> PostStatus? {
    // Without a time of expiry the moment does not matter.
    post.status?.effective(
      expires: nil, at: Instant(ms: 0), authorIsErased: models.isErased(author))
  }

  private func counts(of post: PostState) -> [(String, JSON)] {
    let extras = post.own.extras.value
    return [
      ("likes", .int(Int64(post.own.likes.count))), ("shares", .int(Int64(post.own.shares.count))),
      ("reactions", .int(Int64(extras.reactions.count))),
      ("votes", .array(extras.voteCounts.map { .int(Int64($0)) })),
      ("views", .int(Int64(extras.viewers.count))),
      ("replies", .int(Int64(post.observed.replyCount))),
      ("quotes", .int(Int64(post.observed.quoteCount))), ("events", .uint(post.sequence)),
    ]
  }

  private func time(_ instant: Instant?) -> JSON { instant.map { .int($0.ms) } ?? .null }

  func chat(_ id: ChatID) throws -> JSON? {
    guard let chat = entities.chats[id]?.state else { return nil }
    let messages = try chat.messages.suffix(Self.messagesMax).map { message in
      JSON.object([
        ("id", .string("\(message.id)")), ("author", .string(name(message.author))),
        ("at", .int(message.time.ms)),
        (
          "text",
          chat.unsaid[message.id] == nil
            ? string(try text(.text, at: message.position)) : .null
        ),
        ("unsaid", .bool(chat.unsaid[message.id] != nil)),
        ("media", .int(Int64(message.media.count))),
      ])
    }
    let everyone = chat.members + chat.formers.entries.map(\.value)
    let members = everyone.map { member in
      JSON.object([
        ("user", .string(name(member.user))), ("left", .bool(member.left != nil)),
        ("role", .string(member.isAdmin ? "admin" : "member")),
        ("read", member.readThrough.map { .string("\($0)") } ?? .null),
        ("unread", .int(Int64(chat.unreadCount(of: member.user)))),
      ])
    }
    let titlePosition = chat.titles.last.map { $0.isNone ? Position.zero : $0.position } ?? .zero
    return .object([
      ("id", .string("\(id)")), ("direct", .bool(chat.isDirect)),
      ("title", string(try text(.title, at: titlePosition))),
      ("created_at", .int(chat.opened.ms)), ("members", .array(members)),
      ("message_count", .int(Int64(chat.messages.count))), ("messages", .array(messages)),
      ("events", .uint(chat.sequence)),
    ])
  }

  func tag(_ tag: Tag) -> JSON? {
    guard let state = entities.tags[tag]?.state else { return nil }
    return .object([
      ("tag", .string(tag.text)),
      ("uses", .int(Int64(state.observed.uses))),
      ("accounts", .int(Int64(state.accountCount))),
      ("trending_allowed", state.own.trendingAllowed.map { .bool($0) } ?? .null),
      ("first_used", state.observed.firstUsed.map { .int($0.ms) } ?? .null),
      ("last_used", state.observed.lastUsed.map { .int($0.ms) } ?? .null),
      (
        "hours",
        .array(
          state.observed.hours.map {
            .object([
              ("from", .int($0.hour * 3_600_000)), ("uses", .int(Int64($0.uses))),
            ])
          })
      ),
    ])
  }

  private func string(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
}
