import Domain

/// Roost as PROTOCOL.md and docs/decisions/0010 define it, in lists and scans: slow, short, and
/// with nothing of the engine in it but the types of its events.
///
/// Every question is answered from what happened, not from anything kept up to date beside it.
/// Things are found by id, and kept with what they hang on; nothing else is indexed.
struct NaiveModel: Sendable {
  var position: UInt64 = 0
  var firstTime: Int64?
  /// What lists are ordered by: higher than that of anything so far.
  var newestOrder: UInt64 = 0
  var people: [UInt64: Person] = [:]
  /// In the order of signing up.
  var everybody: [UInt64] = []
  var names: [String: UInt64] = [:]
  var follows = Pairs()
  var requests = Pairs()
  var blocks = Pairs()
  var mutes = Pairs()
  /// Who once answered whom (accepting or rejecting) and did not block them since.
  var answered = Pairs()
  var posts: [UInt64: Post] = [:]
  /// Drafts too, in the order of being written.
  var postOrder: [UInt64] = []
  var chats: [UInt64: Chat] = [:]
  /// In the order of being opened.
  var chatOrder: [UInt64] = []
  /// Of two people, or of one with themself.
  var directChats: [Set<UInt64>: UInt64] = [:]
  /// What each person was told, in the order of being told.
  var causes: [UInt64: [Cause]] = [:]
  /// Items read one by one: everything of the item with the cause, up to a position.
  var itemsRead: [UInt64: [ItemRead]] = [:]
  var reports: [Report] = []
  /// Reviewed, and not to trend.
  var denied: Set<String> = []
  /// What no event tells: passwords, and when tokens were used since the server started.
  var passwords: [UInt64: String] = [:]
  var tokenUses: [UInt64: Int64] = [:]

  init() {}

  // MARK: Looking up

  func person(named name: String) -> Person? { names[name].flatMap { people[$0] } }
  /// How a person is shown.
  func name(_ id: UInt64) -> String {
    guard let person = people[id] else { return "" }
    return person.isErased ? "GONE" : person.name
  }

  func isBlocked(_ one: UInt64, _ other: UInt64) -> Bool {
    blocks.contains(one, other) || blocks.contains(other, one)
  }

  /// Whether the viewer wants, or may have, nothing of the other.
  func isHidden(_ other: UInt64, from viewer: UInt64) -> Bool {
    other != viewer && (isBlocked(viewer, other) || mutes.contains(viewer, other))
  }

  func isErased(_ id: UInt64) -> Bool { people[id]?.isErased ?? false }
  func isPrivate(_ id: UInt64) -> Bool { people[id]?.isPrivate ?? false }
}
