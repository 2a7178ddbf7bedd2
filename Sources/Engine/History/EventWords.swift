package import Domain
package import Journal

/// Says what an event is, in words with names and with its text.
package struct EventWords {
  private let reader: JournalReader
  private let names: NameBook

  package init(_ reader: JournalReader, names: NameBook) {
    self.reader = reader
    self.names = names
  }

  /// `alice followed bob`
  package func sentence(_ record: Record) throws -> String {
    let text = try reader.secret(of: record)
    return try "\(names.name(record.actor)) \(deed(record))\(quoted(text))"
  }

  /// Time, position, sentence.
  package func line(_ record: Record) throws -> String {
    "\(CalendarTime.text(record.time))  \(record.position)  \(try sentence(record))"
  }

  /// What was sealed, on the same line; but for hashes of passwords.
  private func quoted(_ reading: SecretReading) -> String {
    switch reading {
    case .none: return ""
    case .erased: return " (erased)"
    case .text(let secret):
      let parts = secret.fields.filter { $0.field != .passwordHash }.map { field, value in
        field == .text
          ? JSON.string(value).text : "\(field.name) \(JSON.string(value).text)"
      }
      return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    }
  }

  private func deed(_ record: Record) throws -> String {
    switch record.event {
    case .user(let event): try deed(event, record)
    case .post(let event): try deed(event, record)
    case .chat(let event): try deed(event, record)
    case .tag(.reviewed(let isAllowed)):
      (isAllowed ? "let" : "kept") + " #\(Self.tag(record.entity)) "
        + (isAllowed ? "trend" : "from trending")
    }
  }

  private static func tag(_ key: EntityKey) -> String {
    if case .tag(let tag) = key { tag.text } else { key.description }
  }

  private func deed(_ event: UserEvent, _ record: Record) throws -> String {
    switch event {
    case .signedUp(let username, _):
      // Of an erased person the name is not said.
      "signed up" + (try names.name(record.actor) == username.text ? " as \(username)" : "")
    case .passwordChanged: "changed the password"
    case .profileChanged(let isPrivate, let messages, _):
      "changed the profile"
        + (isPrivate.map { $0 ? ", private from now on" : ", public from now on" } ?? "")
        + (messages.map { ", messages from \($0)" } ?? "")
    case .tokenIssued(let token, let scope, _, _): "made the token \(token) to \(scope)"
    case .tokenRevoked(let token): "revoked the token \(token)"
    case .followed(let other): "followed \(try names.name(other))"
    case .unfollowed(let other): "unfollowed \(try names.name(other))"
    case .followRequested(let other): "asked to follow \(try names.name(other))"
    case .followRequestWithdrawn(let other):
      "asked to follow \(try names.name(other)) no longer"
    case .followAccepted(let other): "let \(try names.name(other)) follow"
    case .followRejected(let other): "did not let \(try names.name(other)) follow"
    case .blocked(let other): "blocked \(try names.name(other))"
    case .unblocked(let other): "unblocked \(try names.name(other))"
    case .muted(let other): "muted \(try names.name(other))"
    case .unmuted(let other): "unmuted \(try names.name(other))"
    case .inboxRead(let through): "read the inbox up to \(through)"
    case .inboxItemRead(let item): "read the inbox item \(item)"
    case .requestAnswered: "repeated what was done already"
    case .erased: "asked to be forgotten"
    case .verified(let isVerified): try change(record, isVerified ? "verified" : "took back")
    case .bookmarked(let post): "bookmarked post \(post)"
    case .unbookmarked(let post): "bookmarked post \(post) no longer"
    case .pinned(let post): "pinned post \(post)"
    case .unpinned(let post): "unpinned post \(post)"
    case .mediaAdded(let media, let kind): "added the \(kind) \(media)"
    case .tagFollowed(let tag): "followed #\(tag)"
    case .tagUnfollowed(let tag): "unfollowed #\(tag)"
    case .listMade(let list): "made the list \(list)"
    case .listDropped(let list): "dropped the list \(list)"
    case .listAdded(let list, let other): "added \(try names.name(other)) to the list \(list)"
    case .listRemoved(let list, let other): "took \(try names.name(other)) off the list \(list)"
    case .reported(_, let other, let post):
      "reported \(post.map { "post \($0) by " } ?? "")\(try names.name(other))"
    case .reportClosed(let report): "closed the report \(report)"
    }
  }

  private func change(_ record: Record, _ verb: String) throws -> String {
    guard case .user(let owner) = record.entity else { return verb }
    return "\(verb) \(try names.name(owner))" + (verb == "verified" ? "" : "'s verification")
  }

  private func deed(_ event: PostEvent, _ record: Record) throws -> String {
    guard case .post(let id) = record.entity else { return "did something to \(record.entity)" }
    func post(_ author: UserID) throws -> String { "post \(id) by \(try names.name(author))" }
    return switch event {
    case .published(let facts): "published post \(id)\(try about(facts))"
    case .deleted: "deleted post \(id)"
    case .liked(let author): "liked \(try post(author))"
    case .unliked(let author): "liked \(try post(author)) no longer"
    case .shared(_, let author): "shared \(try post(author))"
    case .unshared(_, let author): "shared \(try post(author)) no longer"
    case .drafted(let facts, let time): "drafted post \(id)\(Self.due(time))\(try about(facts))"
    case .redrafted(let facts, let time):
      "changed the draft \(id)\(Self.due(time))\(try about(facts))"
    case .released(let facts): "published the draft \(id)\(try about(facts))"
    case .discarded: "gave up the draft \(id)"
    case .edited(let facts, _): "edited post \(id)\(try about(facts))"
    case .reacted(let emoji, let author): "reacted \(emoji) to \(try post(author))"
    case .unreacted(let author): "took back the reaction to \(try post(author))"
    case .voted(let options, let author):
      "voted for \(options.map { "\($0)" }.joined(separator: ", ")) in \(try post(author))"
    case .pollClosed(let author): "closed the poll of \(try post(author))"
    case .viewed(let author): "viewed \(try post(author))"
    case .moderated(let facts, _, let to): "set \(try post(facts.author)) to \(Self.word(to))"
    }
  }

  private static func due(_ time: Instant?) -> String {
    time.map { " for \(CalendarTime.text($0))" } ?? ""
  }

  private static func word(_ moderation: Moderation) -> String {
    switch moderation {
    case .none: "seen by all"
    case .underReview: "under review"
    case .removed: "removed"
    }
  }

  private func about(_ facts: PostFacts) throws -> String {
    var parts: [String] = []
    if facts.visibility != .public { parts.append("for \(Self.audience(facts.visibility))") }
    if facts.isStory { parts.append("a story") }
    if let reply = facts.reply {
      parts.append("in answer to post \(reply.parent) by \(try names.name(reply.parentAuthor))")
    }
    if let quote = facts.quote {
      parts.append("quoting post \(quote.post) by \(try names.name(quote.author))")
    }
    if !facts.mentions.isEmpty {
      parts.append("mentioning \(try facts.mentions.map(names.name).joined(separator: ", "))")
    }
    if !facts.tags.isEmpty {
      parts.append("with " + facts.tags.map { "#\($0)" }.joined(separator: " "))
    }
    return parts.map { ", \($0)" }.joined()
  }

  private static func audience(_ visibility: Visibility) -> String {
    switch visibility {
    case .public: "all"
    case .followers: "followers"
    case .friends: "friends"
    case .private: "the author alone"
    }
  }

  private func deed(_ event: ChatEvent, _ record: Record) throws -> String {
    guard case .chat(let id) = record.entity else { return "did something to \(record.entity)" }
    func list(_ users: [UserID]) throws -> String {
      try users.map(names.name).joined(separator: ", ")
    }
    return switch event {
    case .opened(let isDirect, let members):
      "opened the \(isDirect ? "direct " : "")chat \(id) of \(try list(members))"
    case .left: "left the chat \(id)"
    case .said(_, let reply, let media):
      "said in the chat \(id)" + (reply.map { ", in answer to \($0)" } ?? "")
        + (media.isEmpty ? "" : ", with \(media.count) media")
    case .read(let through): "read the chat \(id) up to \(through)"
    case .added(let members): "added \(try list(members)) to the chat \(id)"
    case .removed(let member): "removed \(try names.name(member)) from the chat \(id)"
    case .roleChanged(let member, let isAdmin):
      "made \(try names.name(member)) \(isAdmin ? "an admin" : "a mere member") of the chat \(id)"
    case .titled: "gave the chat \(id) \(record.hasSecret ? "a title" : "no title")"
    case .unsaid(let message): "took back the message \(message) in the chat \(id)"
    }
  }
}
