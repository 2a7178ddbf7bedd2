/// A picture or film that a person may put into posts and messages; it lies elsewhere, here is
/// where.
package struct UserMedium: Equatable, Sendable {
  package var kind: MediaKind
  /// Of the event that added it: there lies the sealed link.
  package var position: Position

  package init(kind: MediaKind, position: Position) {
    self.kind = kind
    self.position = position
  }
}

extension UserState {
  func decideAddMedia(
    _ media: MediaID, _ kind: MediaKind, _ secret: Secret
  ) throws(Rejection) -> Decision {
    try secret.validateMedia()
    guard own.media[media] == nil else {
      throw Rejection(.conflict, "there is a medium with this id already")
    }
    guard own.media.count < Self.mediaMax else {
      throw Rejection(.denied, "at most \(Self.mediaMax) media")
    }
    return Decision([Draft(.user(.mediaAdded(media, kind)), secret: secret)], .id(media.raw))
  }

  /// What a post or message of this person names by these ids, in their order. Throws NOTFOUND if
  /// one is not their own.
  package func references(
    to ids: some Sequence<MediaID>
  ) throws(Rejection) -> [MediaReference] {
    var references: [MediaReference] = []
    for id in ids {
      guard let medium = own.media[id] else { throw .noSuchMedia }
      references.append(MediaReference(id: id, kind: medium.kind, position: medium.position))
    }
    return references
  }
}

extension MediaReference {
  /// Of one post or message.
  package static let mediaMax = 10
}

/// Of a post or message: at most 10, each once. That they are the author's own is the caller's to
/// check, by `UserState.references`.
package func validateMedia(_ media: [MediaReference]) throws(Rejection) {
  guard media.count <= MediaReference.mediaMax else {
    throw Rejection(.invalid, "at most \(MediaReference.mediaMax) media")
  }
  guard Set(media.map(\.id)).count == media.count else {
    throw Rejection(.invalid, "a medium is named twice")
  }
}
