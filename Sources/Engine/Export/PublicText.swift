internal import Domain
internal import Entities
internal import Journal

/// Which text anybody may read, as of the end of what is exported: of public posts of public
/// accounts, with their earlier versions, and names, bios and pictures of people.
struct PublicText {
  private static let profileFields: Set<Secret.Field> = [.name, .bio, .avatar]

  private let refold: Refold
  /// Whose text is gone by now, also where they were not erased yet.
  private let erased: Set<UserID>

  init(_ refold: Refold, erased: [UserID]) {
    self.refold = refold
    self.erased = Set(erased)
  }

  func isErased(_ user: UserID) -> Bool {
    erased.contains(user) || refold.entities.users[user]?.state.own.isErased ?? false
  }

  /// What may be shown of an event's text; nil for nothing.
  func shown(_ secret: Secret, of record: Record) -> Secret? {
    switch record.event {
    case .user(let event): shown(secret, of: event)
    case .post(let event): shown(secret, of: event, record)
    case .chat, .tag: nil
    }
  }

  private func shown(_ secret: Secret, of event: UserEvent) -> Secret? {
    switch event {
    case .signedUp, .profileChanged:
      let fields = secret.fields.filter { Self.profileFields.contains($0.field) }
      guard !fields.isEmpty else { return nil }
      return Secret(Dictionary(uniqueKeysWithValues: fields.map { ($0.field, $0.value) }))
    case .passwordChanged, .tokenIssued, .tokenRevoked, .followed, .unfollowed, .followRequested,
      .followRequestWithdrawn, .followAccepted, .followRejected, .blocked, .unblocked, .muted,
      .unmuted, .inboxRead, .inboxItemRead, .requestAnswered, .erased, .verified, .bookmarked,
      .unbookmarked, .pinned, .unpinned, .mediaAdded, .tagFollowed, .tagUnfollowed, .listMade,
      .listDropped, .listAdded, .listRemoved, .reported, .reportClosed:
      return nil
    }
  }

  private func shown(_ secret: Secret, of event: PostEvent, _ record: Record) -> Secret? {
    switch event {
    case .published, .edited, .drafted, .redrafted:
      guard case .post(let id) = record.entity, let post = refold.entities.posts[id]?.state,
        isPublic(post)
      else { return nil }
      // A draft's text stays where it was written; what it said before it came out is nobody's.
      let isKept =
        post.own.textPosition == record.position
        || post.own.extras.value.versions.contains { $0.position == record.position }
      return isKept ? secret : nil
    case .deleted, .liked, .unliked, .shared, .unshared, .released, .discarded, .reacted,
      .unreacted, .voted, .pollClosed, .viewed, .moderated:
      return nil
    }
  }

  /// Whether who is not logged in may see it.
  func isPublic(_ post: PostState) -> Bool {
    guard let facts = post.facts, let status = status(of: post),
      let author = refold.entities.users[facts.author]?.state
    else { return false }
    return sight(
      of: facts, status: status, authorIsPrivate: author.own.isPrivate, viewer: .anonymous)
      == .seen
  }

  /// With the author, and the clock of the last event.
  func status(of post: PostState) -> PostStatus? {
    guard let facts = post.facts else { return nil }
    return post.status?.effective(
      expires: post.expires, at: refold.time, authorIsErased: isErased(facts.author))
  }
}
