package import Domain
package import Journal
internal import Projections

/// What the history index finds positions by.
package enum HistoryTerm: Hashable, Sendable {
  /// Events that an entity owns, and those of others that concern it: what its state is folded
  /// from.
  case entity(EntityKey)
  /// What a person did to the things of others. Whatever else they did is under `entity` already.
  case deeds(UserID)
  /// What may change a person's inbox besides the events that concern them: see
  /// `forEachInboxOwner`.
  case inbox(UserID)
  case type(EventType)
  /// What an idempotency key of a person led to; the digest as the journal keeps it.
  case request(UserID, digest: [UInt8])
  /// The sign-up under a name.
  case username(Username)
  /// How others see an account: its sign-up, whether it is private, its erasure.
  case identity(UserID)

  /// Part of the index's format: the first byte of a term.
  enum Kind: UInt8, CaseIterable {
    case user = 1
    case post = 2
    case chat = 3
    case tag = 4
    case deeds = 5
    case inbox = 6
    case type = 7
    case request = 8
    case username = 9
    case identity = 10
  }

  var kind: Kind {
    switch self {
    case .entity(.user): .user
    case .entity(.post): .post
    case .entity(.chat): .chat
    case .entity(.tag): .tag
    case .deeds: .deeds
    case .inbox: .inbox
    case .type: .type
    case .request: .request
    case .username: .username
    case .identity: .identity
    }
  }

  /// Sorted as the index sorts: by kind, then by what follows.
  var bytes: [UInt8] {
    switch self {
    case .entity(.user(let id)), .deeds(let id), .inbox(let id), .identity(let id):
      Self.bytes(kind, id.raw)
    case .entity(.post(let id)): Self.bytes(kind, id.raw)
    case .entity(.chat(let id)): Self.bytes(kind, id.raw)
    case .entity(.tag(let tag)): [kind.rawValue] + tag.text.utf8
    case .type(let type): [kind.rawValue, type.rawValue]
    case .request(let user, let digest): Self.bytes(kind, user.raw) + digest
    case .username(let name): [kind.rawValue] + name.text.utf8
    }
  }

  static func bytes(_ kind: Kind, _ id: UInt64) -> [UInt8] {
    [kind.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * UInt64($0))) }
  }
}

extension RequestedRecord {
  /// Calls `body` with every term that finds the record; perhaps with one twice.
  func forEachTerm(_ body: (HistoryTerm) -> Void) {
    let actor = EntityKey.user(record.actor)
    var isUnderActor = record.entity == actor
    body(.type(EventType(record.event)))
    body(.entity(record.entity))
    forEachRecipient(of: record) { key in
      if key == actor { isUnderActor = true }
      body(.entity(key))
    }
    if !isUnderActor { body(.deeds(record.actor)) }
    forEachInboxOwner(of: record) { body(.inbox($0)) }
    if let digest = requestDigest { body(.request(record.actor, digest: digest)) }
    switch record.event {
    case .user(.signedUp(let name, _)):
      body(.username(name))
      body(.identity(record.actor))
    case .user(.profileChanged(.some, _, _)), .user(.erased): body(.identity(record.actor))
    case .user, .post, .chat, .tag: break
    }
  }
}
