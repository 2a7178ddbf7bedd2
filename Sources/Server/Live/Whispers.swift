import Domain

/// Somebody is about to say something.
struct Typing: Sendable {
  var chat: ChatID
  var user: UserID
  /// Who hears of it: the other members.
  var members: [UserID]
  var until: Instant
}

/// What one hub has still to tell that is in no journal.
///
/// Bounded: of one person in one chat, and of one person's presence, only the newest counts.
struct Whispers {
  /// Who types where, on their way at one moment.
  static let typingMax = 4_096

  private struct TypingKey: Hashable {
    var chat: ChatID
    var user: UserID
  }

  private var typing: [Typing] = []
  private var typingKeys: Set<TypingKey> = []
  private var people: [UserID] = []
  private var peopleKnown: Set<UserID> = []

  var isEmpty: Bool { typing.isEmpty && people.isEmpty }

  /// Somebody came or went; at most as many as are known to be present.
  mutating func add(_ user: UserID) {
    if peopleKnown.insert(user).inserted { people.append(user) }
  }

  /// False when too much is on its way.
  mutating func add(_ new: Typing) -> Bool {
    guard typing.count < Self.typingMax else { return false }
    if typingKeys.insert(TypingKey(chat: new.chat, user: new.user)).inserted { typing.append(new) }
    return true
  }

  mutating func take() -> (typing: [Typing], people: [UserID]) {
    defer { self = Whispers() }
    return (typing, people)
  }
}
