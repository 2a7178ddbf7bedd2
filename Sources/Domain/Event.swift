/// Everything that can happen. Only open fields: personal text travels beside it as a `Secret`.
///
/// Events name all the entities that they concern, so that every fold is local: a like names the
/// post's author, a deletion names what the post counted towards.
package enum Event: Equatable, Sendable {
  case user(UserEvent)
  case post(PostEvent)
  case chat(ChatEvent)
  case tag(TagEvent)
}

/// Owned by a user.
package enum UserEvent: Equatable, Sendable {
  /// Secret: password hash (absent for imported people, who cannot log in), email, name; `fields`
  /// says which of them.
  case signedUp(username: Username, fields: Secret.Fields)
  /// Secret: password hash.
  case passwordChanged
  /// Nil leaves a setting as it was. Secret: those of name, bio, avatar and email that changed;
  /// `fields` says which of them.
  case profileChanged(isPrivate: Bool?, messages: MessagePolicy?, fields: Secret.Fields)
  /// `hash` is the BLAKE2b-256 of the token's text. Secret: label.
  case tokenIssued(TokenID, scope: Scope, expires: Instant?, hash: [UInt8])
  case tokenRevoked(TokenID)
  case followed(UserID)
  case unfollowed(UserID)
  /// Asked to follow a private account; ended by an acceptance, a rejection or a withdrawal.
  case followRequested(UserID)
  case followRequestWithdrawn(UserID)
  /// The owner lets `UserID` follow.
  case followAccepted(UserID)
  case followRejected(UserID)
  case blocked(UserID)
  case unblocked(UserID)
  case muted(UserID)
  case unmuted(UserID)
  /// Every inbox item whose newest cause is at or before this position is read.
  case inboxRead(through: Position)
  /// One inbox item is read, named by the position that made it.
  case inboxItemRead(Position)
  /// A command with an idempotency key was answered without any other event.
  case requestAnswered
  /// The person asked to be forgotten: their key is destroyed next, their name stays taken.
  case erased
  /// By an admin: whether the account is who it says.
  case verified(Bool)
  case bookmarked(PostID)
  case unbookmarked(PostID)
  /// To the person's own page; a post of their own.
  case pinned(PostID)
  case unpinned(PostID)
  /// A picture or film that lies elsewhere. Secret: link, perhaps alt.
  case mediaAdded(MediaID, MediaKind)
  case tagFollowed(Tag)
  case tagUnfollowed(Tag)
  /// A list of people, for its owner's eyes. Secret: title.
  case listMade(ListID)
  case listDropped(ListID)
  case listAdded(ListID, UserID)
  case listRemoved(ListID, UserID)
  /// To the moderators: a post of this person or, without one, the person. Secret: text, why.
  case reported(ReportID, UserID, PostID?)
  /// By a moderator, who has dealt with it.
  case reportClosed(ReportID)
}

/// What a post answers.
package struct ReplyReference: Hashable, Sendable {
  package var parent: PostID
  package var parentAuthor: UserID
  package var root: PostID

  package init(parent: PostID, parentAuthor: UserID, root: PostID) {
    self.parent = parent
    self.parentAuthor = parentAuthor
    self.root = root
  }
}

/// What a post quotes.
package struct QuoteReference: Hashable, Sendable {
  package var post: PostID
  package var author: UserID

  package init(post: PostID, author: UserID) {
    self.post = post
    self.author = author
  }
}

/// The open part of a post: who it concerns and who may see it.
package struct PostFacts: Hashable, Sendable {
  package var author: UserID
  package var visibility: Visibility
  package var reply: ReplyReference?
  package var quote: QuoteReference?
  /// In order of first appearance, each once.
  package var tags: [Tag]
  /// In order of first appearance, each once.
  package var mentions: [UserID]
  package var media: [MediaReference]
  package var poll: PollFacts?
  /// Gone a day after publication.
  package var isStory: Bool
  /// Whether its secret has a link.
  package var hasLink: Bool
  /// Where a published draft stands in lists: made when it was published. Nil for posts that never
  /// were drafts, and for drafts.
  package var order: ShareID?

  /// What lists are ordered by.
  package func orderKey(of post: PostID) -> UInt64 { order?.raw ?? post.raw }

  package init(
    author: UserID, visibility: Visibility, reply: ReplyReference? = nil,
    quote: QuoteReference? = nil, tags: [Tag] = [], mentions: [UserID] = [],
    media: [MediaReference] = [], poll: PollFacts? = nil, isStory: Bool = false,
    hasLink: Bool = false, order: ShareID? = nil
  ) {
    self.author = author
    self.visibility = visibility
    self.reply = reply
    self.quote = quote
    self.tags = tags
    self.mentions = mentions
    self.media = media
    self.poll = poll
    self.isStory = isStory
    self.hasLink = hasLink
    self.order = order
  }
}

/// Where a post or message has a picture or film from.
package struct MediaReference: Hashable, Sendable {
  package var id: MediaID
  package var kind: MediaKind
  /// Of the event that added it: there lies the sealed link.
  package var position: Position

  package init(id: MediaID, kind: MediaKind, position: Position) {
    self.id = id
    self.kind = kind
    self.position = position
  }
}

/// The open part of a poll; the options' words are sealed with the post's text.
package struct PollFacts: Hashable, Sendable {
  package var optionCount: Int
  package var isMultiple: Bool
  /// After publication; nil: never closes.
  package var secondsOpen: Int64?

  package init(optionCount: Int, isMultiple: Bool, secondsOpen: Int64?) {
    self.optionCount = optionCount
    self.isMultiple = isMultiple
    self.secondsOpen = secondsOpen
  }
}

/// Owned by a post. The liker, sharer or deleter is the record's actor.
///
/// The facts of a post are kept beside the event: an event is copied many times on its way from
/// `decide` to the folds, and most of them have no facts.
package enum PostEvent: Equatable, Sendable {
  /// `facts.author` is the record's actor. Secret: text, warning.
  indirect case published(PostFacts)
  /// Carries the facts that it takes back.
  indirect case deleted(PostFacts)
  case liked(author: UserID)
  case unliked(author: UserID)
  case shared(ShareID, author: UserID)
  case unshared(ShareID, author: UserID)
  /// Seen by its author alone until released; `scheduled`: the time to do so by itself. Secret: as
  /// `published`.
  indirect case drafted(PostFacts, scheduled: Instant?)
  /// A draft changed. Secret: as `published`.
  indirect case redrafted(PostFacts, scheduled: Instant?)
  /// A draft is published, by its author or, when its time has come, by the system. The facts have
  /// an `order`, made at this moment; its text stays where it was written.
  indirect case released(PostFacts)
  /// A draft is given up.
  case discarded
  /// A published post has new text. The facts are the new ones. Secret: as `published`.
  indirect case edited(PostFacts, PostRevision)
  /// The actor's one reaction to the post; takes the place of an earlier one.
  case reacted(String, author: UserID)
  case unreacted(author: UserID)
  /// Indices of the poll's options, ascending.
  case voted([Int], author: UserID)
  /// By the system, when the time has come.
  case pollClosed(author: UserID)
  /// Each account counts once.
  case viewed(author: UserID)
  /// By a moderator. Secret: text, the reason.
  indirect case moderated(PostFacts, from: Moderation, to: Moderation)
}

/// What an edit changed of a post's facts, so that every fold is local.
package struct PostRevision: Hashable, Sendable {
  package var addedTags: [Tag]
  package var removedTags: [Tag]
  package var addedMentions: [UserID]
  package var removedMentions: [UserID]

  package init(
    addedTags: [Tag] = [], removedTags: [Tag] = [], addedMentions: [UserID] = [],
    removedMentions: [UserID] = []
  ) {
    self.addedTags = addedTags
    self.removedTags = removedTags
    self.addedMentions = addedMentions
    self.removedMentions = removedMentions
  }

  /// The way from one version of a post to the next.
  package init(from old: PostFacts, to new: PostFacts) {
    addedTags = new.tags.filter { !old.tags.contains($0) }
    removedTags = old.tags.filter { !new.tags.contains($0) }
    addedMentions = new.mentions.filter { !old.mentions.contains($0) }
    removedMentions = old.mentions.filter { !new.mentions.contains($0) }
  }
}

/// What moderators have decided on a post.
package enum Moderation: UInt8, Equatable, Sendable, CaseIterable {
  case none = 0
  /// Hidden until looked at.
  case underReview = 1
  case removed = 2
}

/// Owned by a chat.
package enum ChatEvent: Equatable, Sendable {
  /// `members` with the opener first. A direct chat has two members (one, for notes to oneself) and
  /// no title. Secret: title.
  case opened(isDirect: Bool, members: [UserID])
  case left
  /// Secret: text.
  case said(MessageID, reply: MessageID?, media: [MediaReference])
  /// The actor has read up to and including this message.
  case read(through: MessageID)
  /// By an admin of the chat.
  case added([UserID])
  /// By an admin of the chat.
  case removed(UserID)
  case roleChanged(UserID, isAdmin: Bool)
  /// Secret: title; absent where it was taken away.
  case titled
  /// The text is shown no more.
  case unsaid(MessageID)
}

/// Owned by a hashtag.
package enum TagEvent: Equatable, Sendable {
  case reviewed(trendingAllowed: Bool)
}
