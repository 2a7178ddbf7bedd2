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

  package init(
    author: UserID, visibility: Visibility, reply: ReplyReference? = nil,
    quote: QuoteReference? = nil, tags: [Tag] = [], mentions: [UserID] = []
  ) {
    self.author = author
    self.visibility = visibility
    self.reply = reply
    self.quote = quote
    self.tags = tags
    self.mentions = mentions
  }
}

/// Owned by a post. The liker, sharer or deleter is the record's actor.
package enum PostEvent: Equatable, Sendable {
  /// `facts.author` is the record's actor. Secret: text, warning.
  case published(PostFacts)
  /// Carries the facts that it takes back.
  case deleted(PostFacts)
  case liked(author: UserID)
  case unliked(author: UserID)
  case shared(ShareID, author: UserID)
  case unshared(ShareID, author: UserID)
}

/// Owned by a chat.
package enum ChatEvent: Equatable, Sendable {
  /// `members` with the opener first. A direct chat has two members (one, for notes to oneself) and
  /// no title. Secret: title.
  case opened(isDirect: Bool, members: [UserID])
  case left
  /// Secret: text.
  case said(MessageID, reply: MessageID?)
  /// The actor has read up to and including this message.
  case read(through: MessageID)
}

/// Owned by a hashtag.
package enum TagEvent: Equatable, Sendable {
  case reviewed(trendingAllowed: Bool)
}
