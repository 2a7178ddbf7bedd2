import Domain
import Entities
import Projections
import Wire

/// What one event of a post tells on one channel, to each viewer what they may see at this moment.
///
/// What is shown is the post as it stands, not as it stood: it may have been edited, hidden or
/// deleted since. Where the post is over, only those are told who could have seen it.
struct PostNews {
  let record: Record
  let channel: Channel
  let service: Service
  /// The post that the channel shows: of `post:<id>` that one, also where another's event concerns
  /// it as the answered post.
  let subject: PostID
  let matter: Matter

  enum Matter {
    /// The post as it stands is shown, under this name.
    case shown(String)
    /// It is over for those who do not look at it as its author; nil: a draft was given up.
    case ended(PostFacts?)
    case shared(by: UserID)
    case unshared(by: UserID)
    /// Something that is counted has changed.
    case counted(String)
    /// It has an answer more, or less.
    case answered(PostID, PostFacts, isGone: Bool)
    case moderated(PostFacts, from: Moderation, to: Moderation)
  }

  /// Nil where the event certainly tells nobody anything.
  init?(_ record: Record, on channel: Channel, _ service: Service) {
    guard case .post(let event) = record.event, case .post(let source) = record.entity else {
      return nil
    }
    var subject = source
    if case .post(let id) = channel { subject = id }
    let found =
      if case .post = channel {
        subject == source ? Self.own(event) : Self.answer(event, source)
      } else {
        Self.listed(event, by: record.actor)
      }
    guard let found else { return nil }
    self.record = record
    self.channel = channel
    self.service = service
    self.subject = subject
    matter = found
  }

  /// On channels that are lists of posts.
  private static func listed(_ event: PostEvent, by actor: UserID) -> Matter? {
    switch event {
    case .published, .released: .shown("post")
    case .edited: .shown("edit")
    case .deleted(let facts): .ended(facts)
    case .moderated(let facts, let from, let to):
      switch (from.isHidden, to.isHidden) {
      case (false, true): .ended(facts)
      case (true, false): .shown("post")
      case (true, true), (false, false): nil
      }
    case .shared: .shared(by: actor)
    case .unshared: .unshared(by: actor)
    case .liked, .unliked, .drafted, .redrafted, .discarded, .reacted, .unreacted, .voted,
      .pollClosed, .viewed:
      nil
    }
  }

  /// On the post's own channel.
  private static func own(_ event: PostEvent) -> Matter? {
    switch event {
    case .published, .released: .shown("post")
    case .edited, .redrafted: .shown("edit")
    case .deleted(let facts): .ended(facts)
    case .discarded: .ended(nil)
    case .moderated(let facts, let from, let to): .moderated(facts, from: from, to: to)
    case .liked, .unliked: .counted("like")
    case .shared, .unshared: .counted("share")
    case .reacted, .unreacted: .counted("reaction")
    case .voted, .pollClosed: .counted("vote")
    case .drafted, .viewed: nil
    }
  }

  /// On the channel of the post that is answered.
  private static func answer(_ event: PostEvent, _ id: PostID) -> Matter? {
    switch event {
    case .published(let facts), .released(let facts):
      .answered(id, facts, isGone: false)
    case .deleted(let facts):
      .answered(id, facts, isGone: true)
    case .moderated(let facts, let from, let to):
      from.isHidden == to.isHidden ? nil : .answered(id, facts, isGone: to.isHidden)
    case .edited, .shared, .unshared, .liked, .unliked, .drafted, .redrafted, .discarded, .reacted,
      .unreacted, .voted, .pollClosed, .viewed:
      nil
    }
  }
}

/// A post before the eyes of one viewer.
struct PostSighting {
  var viewer: Viewpoint
  var reading: PostReading
  var eyes: Eyes

  var isSeen: Bool { eyes.maySee(reading) }

  /// Whether the viewer would see the post with these facts, were it published and not over.
  func couldSee(_ facts: PostFacts) -> Bool {
    !eyes.erasedAccounts.contains(facts.author) && eyes.maySee(facts, status: .published)
  }

  /// What of a post's reply depends on who looks: who has the same is shown the same.
  var personal: PersonalView {
    PersonalView(
      isAnonymous: viewer.user == nil, isLiked: reading.isLiked, isShared: reading.isShared,
      isBookmarked: reading.isBookmarked,
      reaction: reading.reaction, choice: reading.poll?.choice,
      isPollAuthor: reading.poll?.viewerIsAuthor ?? false)
  }
}

struct PersonalView: Hashable {
  var isAnonymous: Bool
  var isLiked: Bool
  var isShared: Bool
  var isBookmarked: Bool
  var reaction: String?
  var choice: [Int]?
  var isPollAuthor: Bool
}
