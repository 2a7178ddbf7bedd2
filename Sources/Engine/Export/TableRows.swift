internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// The rows of the tables as of one moment, in the order of their ids.
///
/// Whoever is erased by now has no text and no name, also in rows of before. Deleted posts, and
/// drafts unless the export is private, have no row; text that not anybody may read is empty unless
/// it is private.
struct TableRows {
  let moment: FoldedMoment
  let reader: JournalReader
  let isPrivate: Bool
  let judge: PublicText
  var refold: Refold { moment.refold }

  init(_ moment: FoldedMoment, reader: JournalReader, isPrivate: Bool) throws(JournalError) {
    self.moment = moment
    self.reader = reader
    self.isPrivate = isPrivate
    judge = PublicText(moment.refold, erased: try reader.erasedPeople())
  }

  func forEach(of table: ExportTable, _ body: ([String]) throws -> Void) throws {
    switch table {
    case .users: try users(body)
    case .follows: try follows(body)
    case .blocks: try blocks(body)
    case .mutes: try mutes(body)
    case .posts: try forEachPost { try body(try post($0, $1)) }
    case .postTags: try forEachPost { for tag in $1.tags { try body(["\($0.id)", tag.text]) } }
    case .mentions:
      try forEachPost { for user in $1.mentions { try body(["\($0.id)", "\(user)"]) } }
    case .likes: try likes(body)
    case .shares: try shares(body)
    case .reactions: try reactions(body)
    case .tags: try tags(body)
    case .chats: try forEachChat { try body(try chat($0)) }
    case .members: try forEachChat { try members($0, body) }
    case .messages: try forEachChat { try messages($0, body) }
    }
  }

  // MARK: Values

  func flag(_ value: Bool) -> String { value ? "true" : "false" }
  func time(_ instant: Instant?) -> String { instant.map { CalendarTime.text($0) } ?? "" }
  func time(of position: Position) -> String { time(moment.time(of: position)) }
  func id(_ id: (some Identifier)?) -> String { id.map { "\($0)" } ?? "" }

  /// Empty where there is none, or where it was erased.
  func text(
    _ field: Secret.Field, at position: Position, by author: UserID? = nil
  ) throws -> String {
    guard position > .zero,
      case .text(let secret) = try reader.secret(at: position, by: author)
    else { return "" }
    return secret[field] ?? ""
  }

  // MARK: People

  private func forEachUser(_ body: (UserState) throws -> Void) throws {
    for (_, user) in refold.entities.users.sorted(by: { $0.key < $1.key }) {
      if user.state.isSignedUp { try body(user.state) }
    }
  }

  private func users(_ body: ([String]) throws -> Void) throws {
    try forEachUser { user in
      let own = user.own
      let isErased = judge.isErased(user.id)
      try body([
        "\(user.id)", isErased ? "" : own.username?.text ?? "", time(own.created),
        flag(isErased), flag(own.isPrivate), flag(own.isVerified), "\(own.messages)",
        "\(refold.models.followersCount(of: user.id))", "\(user.followingCount)",
        "\(user.observed.posts)", "\(user.observed.replies)",
        try text(.name, at: own.texts.name, by: user.id),
        try text(.bio, at: own.texts.bio, by: user.id),
        try text(.avatar, at: own.texts.avatar, by: user.id),
        isPrivate ? try text(.email, at: own.texts.email, by: user.id) : "",
      ])
    }
  }

  private func follows(_ body: ([String]) throws -> Void) throws {
    try forEachUser { user in
      var others: [UserID] = []
      user.forEachFollowing { others.append($0) }
      for other in others {
        let began = user.own.follows[other] ?? user.observed.verdicts[other]?.position
        try body(["\(user.id)", "\(other)", began.map { time(of: $0) } ?? ""])
      }
    }
  }

  private func blocks(_ body: ([String]) throws -> Void) throws {
    try forEachUser { user in
      for entry in user.own.verdicts.entries where entry.value.kind == .blocked {
        try body(["\(user.id)", "\(entry.key)", time(of: entry.value.position)])
      }
    }
  }

  private func mutes(_ body: ([String]) throws -> Void) throws {
    try forEachUser { user in
      for other in user.own.mutes.all { try body(["\(user.id)", "\(other)"]) }
    }
  }

  private func tags(_ body: ([String]) throws -> Void) throws {
    for (tag, entity) in refold.entities.tags.sorted(by: { $0.key < $1.key }) {
      let state = entity.state
      try body([
        tag.text, "\(state.observed.uses)", "\(state.accountCount)",
        "\(state.observed.followers)", time(state.observed.firstUsed),
        time(state.observed.lastUsed), state.own.trendingAllowed.map { flag($0) } ?? "",
      ])
    }
  }
}
