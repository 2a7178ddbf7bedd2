/// What pages of posts ask of each: here, where the collections are generic no more.
extension PostState {
  /// Whether somebody likes the post, and whether they share it.
  package func marks(of viewer: UserID) -> (isLiked: Bool, isShared: Bool) {
    (own.likes.contains(viewer), own.shares.contains(viewer))
  }

  package var likeCount: Int { own.likes.count }
  package var shareCount: Int { own.shares.count }

  /// Whether there is anything to be read in `own.extras`.
  package var mayHaveExtras: Bool { own.extras.isStored }

  /// What came before somebody's share: whoever wants to know whether another's lies before it
  /// looks at the sharers where these are few, and else asks `earliestShare`.
  package func shares(before share: ShareID, by sharer: UserID, max: Int) -> EarlierShares {
    guard let entry = own.shares[sharer], entry.payload == share else { return .takenBack }
    switch own.shares.keys(before: entry.position, max: max) {
    case .some(let sharers): return .by(sharers)
    case nil: return .tooMany
    }
  }

  /// The earliest share by one of these people. O(people).
  package func earliestShare(by people: [UserID]) -> (sharer: UserID, share: ShareID)? {
    var earliest: ActorLog<ShareID>.Entry?
    for person in people {
      guard let entry = own.shares[person] else { continue }
      if let found = earliest, found.position < entry.position { continue }
      earliest = entry
    }
    return earliest.map { ($0.key, $0.payload) }
  }
}

/// Who shared a post before somebody did.
package enum EarlierShares: Equatable, Sendable {
  /// That share is there no more.
  case takenBack
  /// The earliest first.
  case by([UserID])
  /// More than were asked for.
  case tooMany
}
