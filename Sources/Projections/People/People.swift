package import Domain
package import Journal

/// Everyone whom the journal names: row numbers, ids, usernames, whether the account is private and
/// whether it is erased.
///
/// Kept whole on every shard (about 60 bytes a person), because edges, rings and items are written
/// in row numbers and replies show usernames. Each entry still belongs to one shard.
package struct People: Projection {
  package static let name = ProjectionName.people
  package static let foldVersion: UInt32 = 2
  package static let encodingVersion: UInt32 = 2

  private struct Flags: OptionSet, Sendable {
    let rawValue: UInt8
    static let isLocal = Flags(rawValue: 1)
    static let isPrivate = Flags(rawValue: 2)
    static let isErased = Flags(rawValue: 4)
  }

  package internal(set) var position = Position.zero
  /// How many people the journal has named.
  package private(set) var count = 0
  private let placement: Placement
  private var ids = SegmentedArray(empty: UserID(0))
  private var usernames = SegmentedArray<Username?>(empty: nil)
  private var flags = SegmentedArray<Flags>(empty: [])
  private var byID = RowIndex()
  private var byUsername = RowIndex()

  init(placement: Placement) { self.placement = placement }

  /// Of people from a snapshot who are in neither index yet.
  private var restored: [UInt32] = []

  /// From here on the people of a snapshot are found by their ids and names.
  mutating func finishRestoring() {
    byID.insert(contentsOf: restored.map { ($0, mix64(ids[Int($0)].raw)) })
    byUsername.insert(
      contentsOf: restored.compactMap { row in
        usernames[Int(row)].map { (row, $0.stableHash) }
      })
    restored = []
  }

  package func id(of person: PersonIndex) -> UserID { ids[person.row] }

  /// Nil for someone who is named but has not signed up: the system itself.
  package func username(of person: PersonIndex) -> Username? { usernames[person.row] }

  package func username(of id: UserID) -> Username? { index(of: id).flatMap(username(of:)) }

  package func index(of id: UserID) -> PersonIndex? {
    byID[mix64(id.raw)].map(PersonIndex.init)
  }

  package func id(of username: Username) -> UserID? {
    byUsername.first(hash: username.stableHash) { usernames[Int($0)] == username }
      .map { ids[Int($0)] }
  }

  /// Whether both give the same ids the same rows. O(people).
  func isNumbered(as other: People) -> Bool {
    count == other.count && (0..<count).allSatisfy { ids[$0] == other.ids[$0] }
  }

  package func isPrivate(_ person: PersonIndex) -> Bool {
    flags[person.row].contains(.isPrivate)
  }

  /// Whether the person asked to be forgotten: they are named no more.
  package func isErased(_ person: PersonIndex) -> Bool { flags[person.row].contains(.isErased) }

  /// Whether this shard owns what is kept for the person.
  @inline(__always)
  func isLocal(_ person: PersonIndex) -> Bool { flags[person.row].contains(.isLocal) }

  /// `known` are rows that were looked up before.
  mutating func fold(_ record: Record, known: KnownCast = KnownCast()) -> Cast {
    let actor = known.actor ?? intern(record.actor)
    var other: PersonIndex?
    if let id = record.event.other { other = known.other ?? intern(id) }
    switch record.event {
    case .user(let event): fold(event, by: actor)
    case .post(let event): fold(event)
    case .chat(let event): fold(event)
    case .tag: break
    }
    position = record.position
    return Cast(actor: actor, other: other)
  }

  /// What was found of a record's cast before it is folded.
  func find(_ record: Record) -> KnownCast {
    KnownCast(
      actor: index(of: record.actor), other: record.event.other.flatMap { index(of: $0) })
  }

  private mutating func fold(_ event: UserEvent, by actor: PersonIndex) {
    switch event {
    case .signedUp(let username, _):
      if usernames[actor.row] == nil { name(actor, username) }
    case .profileChanged(let isPrivate?, _, _): setPrivate(actor, isPrivate)
    case .erased: flags[actor.row].insert(.isErased)
    case .followed, .unfollowed, .followRequested, .followRequestWithdrawn, .followAccepted,
      .followRejected, .blocked, .unblocked, .muted, .unmuted, .passwordChanged, .profileChanged,
      .tokenIssued, .tokenRevoked, .inboxRead, .inboxItemRead, .requestAnswered, .verified,
      .bookmarked, .unbookmarked, .pinned, .unpinned, .mediaAdded, .listMade, .listDropped,
      .listAdded, .listRemoved, .tagFollowed, .tagUnfollowed, .reported, .reportClosed:
      break
    }
  }

  private mutating func fold(_ event: PostEvent) {
    switch event {
    case .published(let facts), .deleted(let facts), .drafted(let facts, _),
      .redrafted(let facts, _), .released(let facts), .edited(let facts, _),
      .moderated(let facts, _, _):
      if let reply = facts.reply { intern(reply.parentAuthor) }
      if let quote = facts.quote { intern(quote.author) }
      for mention in facts.mentions { intern(mention) }
    case .liked, .unliked, .shared, .unshared, .reacted, .unreacted, .voted, .pollClosed, .viewed,
      .discarded:
      break
    }
  }

  private mutating func fold(_ event: ChatEvent) {
    switch event {
    case .opened(_, let members), .added(let members): for member in members { intern(member) }
    case .removed(let member), .roleChanged(let member, _): intern(member)
    case .left, .said, .read, .titled, .unsaid: break
    }
  }

  @discardableResult
  private mutating func intern(_ id: UserID) -> PersonIndex {
    if let known = index(of: id) { return known }
    let person = PersonIndex(UInt32(count))
    place(person, id)
    byID.insert(person.raw, hash: mix64(id.raw))
    return person
  }

  private mutating func place(_ person: PersonIndex, _ id: UserID) {
    count = max(count, person.row + 1)
    ids.grow(toHold: person.row)
    usernames.grow(toHold: person.row)
    flags.grow(toHold: person.row)
    ids[person.row] = id
    if placement.owns(hash: mix64(id.raw)) { flags[person.row].insert(.isLocal) }
  }

  private mutating func name(_ person: PersonIndex, _ username: Username) {
    usernames[person.row] = username
    byUsername.insert(person.raw, hash: username.stableHash)
  }

  private mutating func setPrivate(_ person: PersonIndex, _ isPrivate: Bool) {
    if isPrivate {
      flags[person.row].insert(.isPrivate)
    } else {
      flags[person.row].remove(.isPrivate)
    }
  }

  /// Entry: row → [id, username or null, is private, is erased].
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    for row in 0..<count where flags[row].contains(.isLocal) {
      entry.key.uint(UInt64(row))
      entry.value.array(4)
      entry.value.uint(ids[row].raw)
      if let username = usernames[row] {
        entry.value.text(username.text)
      } else {
        entry.value.null()
      }
      entry.value.bool(flags[row].contains(.isPrivate))
      entry.value.bool(flags[row].contains(.isErased))
      entry.emit(to: body)
    }
  }

  /// What an entry means.
  static let shapes = EntryShapes(
    .person,
    .fields(["id": .identity, "username": .optional(.text), "private": .flag, "erased": .flag]))

  package mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder
  ) throws(CBORError) {
    let person = try key.person()
    try value.array(of: 4)
    place(person, UserID(try value.uint()))
    restored.append(person.raw)
    if value.isNull {
      try value.null()
    } else {
      usernames[person.row] = try value.username()
    }
    setPrivate(person, try value.bool())
    if try value.bool() { flags[person.row].insert(.isErased) }
  }
}

extension CBORDecoder {
  mutating func person() throws(CBORError) -> PersonIndex {
    let raw = try uint()
    guard raw <= UInt64(UInt32.max) else { throw .outOfRange }
    return PersonIndex(UInt32(raw))
  }

  /// The head of an array that must have `count` items.
  mutating func array(of count: Int) throws(CBORError) {
    guard try array() == count else { throw .invalidValue }
  }

  mutating func uints() throws(CBORError) -> [UInt64] {
    let count = try array()
    var values: [UInt64] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try uint()) }
    return values
  }
}

extension PackedWords {
  func people() throws(CBORError) -> [PersonIndex] { try words().map(PersonIndex.init) }
}

extension CBOREncoder {
  mutating func person(_ person: PersonIndex) { uint(UInt64(person.raw)) }
}
