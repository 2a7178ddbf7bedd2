/// What can be asked of a post. That the actor may see the post is the caller's to check.
package enum PostCommand: Equatable, Sendable {
  /// `facts.author` must be the actor. Secret: text, and any of warning, link, options.
  indirect case publish(PostFacts, secret: Secret)
  /// As `publish`, for later; `scheduled` says when by itself.
  indirect case draft(PostFacts, scheduled: Instant?, secret: Secret)
  /// Publishes a draft: by its author, or by the system when its time has come. `order` is made in
  /// the same turn.
  case release(order: ShareID)
  /// Gives up the draft of somebody who was erased: by the system, instead of publishing it.
  case discard
  /// New text, with what is found in it. `base` is where the text lay that this one replaces:
  /// BUSY if it has been replaced since. Secret: as `publish`.
  indirect case edit(tags: [Tag], mentions: [UserID], base: Position, secret: Secret)
  case delete
  case like
  case unlike
  /// `authorIsPrivate`: whether the author's account is, now.
  case share(ShareID, authorIsPrivate: Bool)
  case unshare
  /// One emoji; takes the place of an earlier one.
  case react(String)
  case unreact
  /// Indices of options, from 0.
  case vote([Int])
  /// By the system, when the time has come.
  case closePoll
  case view
  /// That the actor is a moderator is the caller's to check. Secret: text, the reason.
  case moderate(Moderation, secret: Secret?)
}
