import Domain

/// On which channels a record may appear, as far as the record itself says.
struct LiveRoute {
  /// Whose followers' homes.
  var homesOf: UserID?
  /// The followers of which hashtags have it in their homes too.
  var homeTags: [Tag] = []
  /// Who may be notified.
  var inboxes: Set<UserID> = []
  /// Whose voters may be notified.
  var closedPoll: PostID?
  /// Whose `user:<name>`.
  var person: UserID?
  /// Of which chat those who took part.
  var chat: ChatID?
  /// Of tags, posts and everybody.
  var channels: [Channel] = []

  init(of record: Record) {
    switch record.event {
    case .user(.followed(let other)), .user(.followRequested(let other)):
      inboxes = [other]
    case .post(let event):
      guard case .post(let id) = record.entity else { return }
      channels = [.post(id)]
      add(event, of: id, by: record.actor)
    case .chat(let event):
      if case .chat(let id) = record.entity { chat = id }
      inboxes = Set(event.invited)
    case .user, .tag:
      break
    }
  }

  private mutating func add(_ event: PostEvent, of id: PostID, by actor: UserID) {
    switch event {
    case .published(let facts), .released(let facts):
      list(facts, under: facts.tags)
      inboxes = facts.addressees
    case .deleted(let facts):
      list(facts, under: facts.tags)
    case .moderated(let facts, _, _):
      list(facts, under: facts.tags)
      inboxes = [facts.author]
    case .edited(let facts, let revision):
      list(facts, under: facts.tags + revision.removedTags)
      channels.removeAll { $0 == facts.reply.map { .post($0.parent) } }
      inboxes = Set(revision.addedMentions)
    case .shared(_, let author):
      homesOf = actor
      person = actor
      inboxes = [author]
    case .unshared:
      homesOf = actor
      person = actor
    case .liked(let author), .reacted(_, let author):
      inboxes = [author]
    case .pollClosed(let author):
      inboxes = [author]
      closedPoll = id
    case .unliked, .unreacted, .voted, .drafted, .redrafted, .discarded, .viewed:
      break
    }
  }

  private mutating func list(_ facts: PostFacts, under tags: [Tag]) {
    homesOf = facts.author
    person = facts.author
    if let reply = facts.reply { channels.append(.post(reply.parent)) }
    guard facts.visibility == .public else { return }
    homeTags = tags
    channels += tags.map { .tag($0) }
    if facts.isPublicTimeline { channels.append(.everybody) }
  }

  /// False only where the record certainly tells the channel's subscriber nothing.
  func mayConcern(_ channel: Channel) -> Bool {
    switch channel {
    case .home: homesOf != nil
    case .inbox(let owner): inboxes.contains(owner) || closedPoll != nil
    case .chats: chat != nil
    case .chat(let id): chat == id
    case .user(let id, _): person == id
    case .tag, .post, .everybody: channels.contains(channel)
    case .presence: false
    }
  }
}

extension PostFacts {
  /// Whom a post may tell something: whom it answers, quotes or mentions.
  fileprivate var addressees: Set<UserID> {
    var found = Set(mentions)
    if let reply { found.insert(reply.parentAuthor) }
    if let quote { found.insert(quote.author) }
    return found
  }

  /// Whether it stands in the public timeline, as far as its facts decide: no answer to others.
  var isPublicTimeline: Bool {
    visibility == .public && !isStory && (reply.map { $0.parentAuthor == author } ?? true)
  }
}
