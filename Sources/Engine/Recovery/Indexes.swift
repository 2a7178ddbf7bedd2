internal import Domain
internal import Entities

/// What an engine finds besides entities: tokens, what is due, who has sealed text.
struct Indexes: Sendable {
  let tokens = TokenIndex()
  let agenda = Agenda()
  let authors = AuthorIndex()

  /// Takes in what a person's state holds of them.
  func adopt(_ user: UserState) {
    for entry in user.own.tokens.entries {
      let issued = entry.value
      tokens.add(
        issued.hash,
        TokenHolder(
          user: user.id, token: entry.key, scope: issued.scope, expires: issued.expires))
    }
    if user.own.texts.areSomewhere { authors.insert(user.id) }
  }

  /// Takes in what a post's state holds of them.
  func adopt(_ post: PostState) {
    agenda.adopt(post)
    if post.own.textPosition > .zero, let facts = post.own.facts { authors.insert(facts.author) }
  }

  /// Takes in what a snapshot says. Only where nothing is yet.
  func adopt(_ parts: GuideParts) {
    for token in parts.tokens { tokens.add(token.digest, token.holder) }
    for item in parts.agenda { agenda.adopt(item) }
    authors.adopt(parts.authors)
  }
}

extension TextPositions {
  /// Whether there is any text; a sign-up alone may be without.
  fileprivate var areSomewhere: Bool {
    [passwordHash, name, bio, avatar, email].contains { $0 > .zero }
  }
}
