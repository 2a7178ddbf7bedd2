/// A post with what hangs on it: likes, shares, reactions, votes, and how it was answered.
package struct PostState: Entity {
  package typealias Command = PostCommand

  /// How long a story is shown.
  package static let storyMs: Int64 = 86_400_000
  package static let editsMax = 100
  /// How far ahead a draft can be scheduled.
  package static let scheduleAheadMsMax: Int64 = 366 * 86_400_000

  package let id: PostID
  package var own = Own()
  package var observed = Observed()

  package init(key: EntityKey) {
    guard case .post(let id) = key else { preconditionFailure("\(key) is not a post") }
    self.id = id
  }

  package var sequence: UInt64 { own.sequence }

  /// Nil before anything is written; stays after deletion.
  package var facts: PostFacts? { own.facts }

  /// As far as the post's own events tell: see `PostStatus.effective`.
  package var status: PostStatus? { own.facts.map { _ in own.status } }

  /// When it is shown no more: for published stories.
  package var expires: Instant? {
    guard let facts = own.facts, facts.isStory, own.stage == .published else { return nil }
    return own.publishedAt.adding(ms: Self.storyMs)
  }

  /// When its poll takes no more votes; nil for a post without a poll, one not yet published, and a
  /// poll that stays open.
  package var pollCloses: Instant? {
    guard own.stage == .published, let seconds = own.facts?.poll?.secondsOpen else { return nil }
    return own.publishedAt.adding(ms: seconds * 1_000)
  }

  /// How far the author has gone with it.
  package enum Stage: UInt8, Equatable, Sendable, CaseIterable {
    /// Nothing has happened, or a draft was given up.
    case none = 0
    case draft = 1
    case published = 2
    case deleted = 3
  }

  /// Folded from the post's own events.
  package struct Own: Equatable, Sendable {
    package var sequence: UInt64 = 0
    package var facts: PostFacts?
    package var stage = Stage.none
    /// When it was published; of a draft, when it was begun.
    package var publishedAt = Instant(ms: 0)
    /// Where the newest sealed text is; `Position.zero` before anything is written.
    package var textPosition = Position.zero
    /// Empty once deleted, as the next.
    package var likes = ActorLog<NoPayload>()
    package var shares = ActorLog<ShareID>()
    /// What few posts have.
    package var extras = Rare<PostExtras>()

    package init() {}

    fileprivate var status: PostStatus {
      switch stage {
      case .none, .deleted: return .deleted
      case .draft: return extras.value.scheduled == nil ? .draft : .scheduled
      case .published:
        // A blank value would be made to be asked.
        guard extras.isStored else { return .published }
        switch extras.value.moderation {
        case .none: return .published
        case .underReview: return .underReview
        case .removed: return .removed
        }
      }
    }
  }

  /// Folded from the committed events of the posts that answer or quote this one.
  package struct Observed: Equatable, Sendable {
    /// Direct answers that are neither deleted nor hidden by moderators.
    package var replyCount = 0
    /// Quotes that are neither deleted nor hidden by moderators.
    package var quoteCount = 0
    /// Direct answers in order of publication; deleted ones too, because what answers them stays.
    package var replies: ContiguousArray<PostID> = []

    package init() {}
  }
}

/// What few posts have.
package struct PostExtras: Blank {
  /// Of a draft: when it is published by itself.
  package var scheduled: Instant?
  package var moderation = Moderation.none
  /// Where earlier texts are, and since when they held, oldest first; of a published post.
  package var versions: ContiguousArray<PostVersion> = []
  /// When the newest text was written, if it is not the first.
  package var editedAt: Instant?
  package private(set) var reactions = ActorLog<String>()
  /// How often each emoji was chosen. Follows from `reactions`.
  package private(set) var reactionCounts: [String: Int] = [:]
  package private(set) var votes = ActorLog<PollChoice>()
  /// How often each option was chosen. Follows from `votes`.
  package private(set) var voteCounts: [Int] = []
  package var isPollClosed = false
  package var viewers = ActorLog<NoPayload>()

  package init() {}

  /// Takes in a reaction; a person's new one takes the place of their old one.
  package mutating func react(_ user: UserID, at position: Position, _ emoji: String) {
    unreact(user)
    reactions.append(user, at: position, emoji)
    reactionCounts[emoji, default: 0] += 1
  }

  package mutating func unreact(_ user: UserID) {
    guard let emoji = reactions[user]?.payload else { return }
    reactions.remove(user)
    let left = (reactionCounts[emoji] ?? 1) - 1
    reactionCounts[emoji] = left > 0 ? left : nil
  }

  /// Takes in a vote; each person votes once.
  package mutating func vote(_ user: UserID, at position: Position, _ choice: PollChoice) {
    votes.append(user, at: position, choice)
    for option in choice.options {
      while voteCounts.count <= option { voteCounts.append(0) }
      voteCounts[option] += 1
    }
  }
}

/// A text that a post had.
package struct PostVersion: Hashable, Sendable {
  package let position: Position
  /// From when on it held.
  package let time: Instant

  package init(position: Position, time: Instant) {
    self.position = position
    self.time = time
  }
}

/// The options of a poll that somebody chose, as a set of bits.
package struct PollChoice: Equatable, Sendable {
  package let bits: UInt16

  package init(bits: UInt16) { self.bits = bits }

  /// Nil for an index beyond the largest poll.
  package init?(_ options: [Int]) {
    var bits: UInt16 = 0
    for option in options {
      guard (0..<PollFacts.optionsMax).contains(option) else { return nil }
      bits |= 1 << UInt16(option)
    }
    self.init(bits: bits)
  }

  /// Ascending.
  package var options: [Int] { (0..<PollFacts.optionsMax).filter { bits >> UInt16($0) & 1 == 1 } }
}
