import Domain
import Entities
import Projections
import Wire

/// Who is told what.
extension PostNews {
  /// What one viewer is told; who is told the same under equal keys shares a message.
  struct Told: Hashable {
    enum Body: Hashable {
      case id
      case post(PersonalView, sharedBy: UserID?)
      case unshare(by: UserID, next: UserID?)
      case counts(PersonalView?)
      case answer(PostID, PersonalView?)
      case moderation(PostStatus)
    }

    var event: String
    var body: Body
  }

  func told(to viewers: [Viewpoint]) async -> LiveNews {
    guard let (sightings, position) = await sightings(of: subject, by: viewers, people) else {
      return .none(for: viewers)
    }
    let context = await context(viewers)
    var news = LiveNews(messages: [], position: max(position, context.position))
    var made: [Told: LiveMessage] = [:]
    for (index, sighting) in sightings.enumerated() {
      guard let told = judge(sighting, index, context) else {
        news.messages.append(nil)
        continue
      }
      let message = made[told] ?? render(told, sighting, context, index)
      made[told] = message
      news.messages.append(message)
    }
    return news
  }

  /// The post as each viewer has it before them, and the position that this rests on; nil if it was
  /// never written.
  private func sightings(
    of id: PostID, by viewers: [Viewpoint], _ people: (PostFacts) -> [UserID]
  ) async -> ([PostSighting], Position)? {
    guard let post = service.shard(of: .post(id)).directory.posts[id] else { return nil }
    let users = Set(viewers.map(\.user))
    let gated = await post.read { state in
      var readings: [UserID?: PostReading] = [:]
      for user in users { readings[user] = PostReading(state, viewer: user) }
      return readings
    }
    guard let facts = gated.value.values.first?.facts else { return nil }
    let eyes = await service.eyes(of: viewers.map(\.user), on: people(facts))
    var sightings: [PostSighting] = []
    var position = gated.position
    for (viewer, eyes) in zip(viewers, eyes) {
      guard let reading = gated.value[viewer.user] else { return nil }
      var posts = [reading]
      position = max(position, await service.markBookmarks(of: viewer.user, in: &posts))
      var eyes = eyes
      if case .post = channel { eyes.isModerator = viewer.isModerator }
      sightings.append(PostSighting(viewer: viewer, reading: posts[0], eyes: eyes))
    }
    return (sightings, position)
  }

  /// Everyone whose relation to a viewer decides.
  private func people(_ facts: PostFacts) -> [UserID] {
    switch matter {
    case .shared(let sharer), .unshared(let sharer): facts.people + [sharer]
    case .shown, .ended, .counted, .answered, .moderated: facts.people
    }
  }

  /// What a judgement needs besides the post itself.
  struct Context {
    /// Of an answered post: the answer, for each viewer.
    var answers: [PostSighting]?
    /// Of a share, in a home: by whose share each viewer has the post there.
    var sharers: [UserID?]?
    var position = Position.zero
  }

  private func context(_ viewers: [Viewpoint]) async -> Context {
    var context = Context()
    switch (matter, channel) {
    case (.answered(let id, _, _), _):
      if let (answers, position) = await sightings(of: id, by: viewers, { [$0.author] }) {
        context.answers = answers
        context.position = position
      }
    case (.shared, .home), (.unshared, .home):
      // Read after the post, which may have been shared once more in between.
      let sharers = await service.earliestSharers(of: subject, for: viewers.compactMap(\.user))
      context.sharers = sharers.value
      context.position = sharers.position
    default:
      break
    }
    return context
  }

  private func judge(_ sighting: PostSighting, _ index: Int, _ context: Context) -> Told? {
    let personal = sighting.personal
    switch matter {
    case .shown(let event):
      guard isShown(sighting, event) else { return nil }
      return Told(event: event, body: .post(personal, sharedBy: nil))
    case .ended(let facts):
      return wasShown(sighting, facts) ? Told(event: "delete", body: .id) : nil
    case .shared(let sharer):
      guard isShared(sighting, by: sharer) else { return nil }
      if let sharers = context.sharers, sharers[index] != sharer { return nil }
      return Told(event: "share", body: .post(personal, sharedBy: sharer))
    case .unshared(let sharer):
      guard isShared(sighting, by: sharer) else { return nil }
      let next = context.sharers.flatMap { $0[index] }
      return Told(event: "unshare", body: .unshare(by: sharer, next: next))
    case .counted(let event):
      guard sighting.isSeen else { return nil }
      return Told(event: event, body: .counts(event == "vote" ? personal : nil))
    case .answered(let id, let facts, let isGone):
      guard sighting.isSeen, let answer = context.answers?[index] else { return nil }
      guard isGone ? answer.couldSee(facts) : answer.isSeen else { return nil }
      return Told(event: "reply", body: .answer(id, isGone ? nil : answer.personal))
    case .moderated(let facts, let from, let to):
      return moderated(sighting, facts, from, to)
    }
  }

  /// Whether the post stands in the channel's list; on its own channel: whether it is seen.
  private func isShown(_ sighting: PostSighting, _ event: String) -> Bool {
    let reading = sighting.reading
    switch channel {
    case .home:
      return sighting.eyes.admitsHome(reading, sharer: nil)
    case .tag(let tag):
      // By an edit a post may have lost the tag: that is what is told.
      return sighting.eyes.mayList(reading) && (event == "edit" || reading.facts.tags.contains(tag))
    case .everybody, .user:
      return sighting.eyes.mayList(reading)
    case .post, .inbox, .chats, .chat, .presence:
      return sighting.isSeen
    }
  }

  /// Whether a post that is over would stand there.
  private func wasShown(_ sighting: PostSighting, _ facts: PostFacts?) -> Bool {
    guard let facts else { return sighting.reading.facts.author == sighting.viewer.user }
    guard sighting.couldSee(facts) else { return false }
    switch channel {
    case .home: return sighting.eyes.admitsHome(facts, status: .published, sharer: nil)
    case .tag, .everybody, .user: return isListed(facts, status: .published)
    case .post, .inbox, .chats, .chat, .presence: return true
    }
  }

  /// Whether somebody's share shows the post there.
  private func isShared(_ sighting: PostSighting, by sharer: UserID) -> Bool {
    let eyes = sighting.eyes
    switch channel {
    case .home:
      return eyes.admitsHome(sighting.reading, sharer: sharer)
        && !eyes.admitsHome(sighting.reading, sharer: nil)
    case .user:
      return eyes.mayList(sighting.reading) && eyes.maySeeShares(by: sharer)
    case .tag, .everybody, .post, .inbox, .chats, .chat, .presence:
      return false
    }
  }

  /// Its author and moderators are told the status, others that it is gone or there again.
  private func moderated(
    _ sighting: PostSighting, _ facts: PostFacts, _ from: Moderation, _ to: Moderation
  ) -> Told? {
    let isAuthor = facts.author == sighting.viewer.user
    if isAuthor || sighting.eyes.isModerator {
      guard sighting.isSeen else { return nil }
      let status = sighting.eyes.status(of: sighting.reading)
      return Told(event: "moderation", body: .moderation(status))
    }
    switch (from.isHidden, to.isHidden) {
    case (false, true):
      return sighting.couldSee(facts) ? Told(event: "delete", body: .id) : nil
    case (true, false):
      guard sighting.isSeen else { return nil }
      return Told(event: "post", body: .post(sighting.personal, sharedBy: nil))
    case (true, true), (false, false):
      return nil
    }
  }

  // MARK: Words

  private func render(
    _ told: Told, _ sighting: PostSighting, _ context: Context, _ index: Int
  ) -> LiveMessage? {
    do {
      let fields = try fields(told, sighting, context.answers?[index])
      return LiveMessage(
        channel: channel.name,
        payload: LivePayload.encode(told.event, at: record.position, fields), at: record.position)
    } catch {
      service.log("position \(record.position) cannot be told: \(error)")
      return nil
    }
  }

  private func fields(
    _ told: Told, _ sighting: PostSighting, _ answer: PostSighting?
  ) throws -> [(String, Reply)] {
    let reading = sighting.reading
    let viewer = sighting.viewer.user
    let id = ("id", Reply.id(subject.raw))
    switch told.body {
    case .id:
      return [id]
    case .post(_, let sharer):
      let tail = sharer.map { PostTail.sharedBy($0) }
      return [("post", try service.reply(reading, viewer: viewer, adding: tail))]
    case .unshare(let sharer, let next):
      return [
        id, ("shared_by", .text(service.name(sharer))),
        ("next", .optional(next.map { service.name($0) })),
      ]
    case .counts(let personal):
      let counts = [id] + reading.counts
      guard personal != nil, case .map(let post) = try service.reply(reading, viewer: viewer) else {
        return counts
      }
      return counts + [("poll", post["poll"] ?? .null)]
    case .answer(let reply, let personal):
      var post = Reply.null
      if personal != nil, let answer { post = try service.reply(answer.reading, viewer: viewer) }
      return [id] + reading.counts + [("reply", .id(reply.raw)), ("post", post)]
    case .moderation(let status):
      return [id, ("status", .text(status.rawValue))]
    }
  }
}

extension PostReading {
  /// What is counted of a post, as GET shows it.
  fileprivate var counts: [(String, Reply)] {
    [
      ("likes", .integer(Int64(likes))), ("replies", .integer(Int64(replies))),
      ("shares", .integer(Int64(shares))), ("quotes", .integer(Int64(quotes))),
      ("views", .integer(Int64(views))),
      (
        "reactions",
        .map(ReplyMap(reactions.map { ($0.emoji, .integer(Int64($0.count))) }))
      ),
    ]
  }
}

extension Eyes {
  /// Whether what a person shares is open to the viewer: as their timeline is.
  fileprivate func maySeeShares(by sharer: UserID) -> Bool {
    if viewer == sharer { return true }
    if isBlocked(sharer) || erasedAccounts.contains(sharer) { return false }
    return !isPrivate(sharer) || follows(sharer)
  }
}
