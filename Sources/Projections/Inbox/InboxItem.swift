internal import Domain

/// What an inbox item tells of.
package enum InboxKind: UInt8, Sendable, CaseIterable {
  case follow = 0
  case request = 1
  case mention = 2
  case reply = 3
  case like = 4
  case share = 5
  case quote = 6
  case reaction = 7
  case poll = 8
  /// Into a group chat.
  case invite = 9
  case moderation = 10

  /// Whether it says who did it: the end of a poll is nobody's doing, and moderators do not sign.
  package var hasActors: Bool {
    switch self {
    case .follow, .request, .mention, .reply, .like, .share, .quote, .reaction, .invite: true
    case .poll, .moderation: false
    }
  }
}

/// What makes two causes one item: likes and shares of one post, all followings, a chat.
struct InboxKey: Hashable, Sendable {
  let kind: InboxKind
  /// The post; for a request, the row of who asks; for an invitation the chat; for followings 0.
  let object: UInt64

  var hash: UInt64 { mix64(object &+ UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15) }
}

/// One line of an inbox, with everyone who ever caused it.
struct InboxItem: Sendable {
  /// From this many causes on, they are looked up instead of scanned.
  private static let scannedMax = 32

  let key: InboxKey
  /// The first cause is here, because most items have no more. In order of position; none is ever
  /// taken away.
  private var firstPosition: UInt64
  private var firstPerson: PersonIndex
  private var active: UInt32
  private var others = CauseList()
  private var firstIsActive: Bool
  /// Of followings those that are withdrawn: the follow graph lets nobody begin to follow twice.
  /// Of other items all causes, if there are more than `scannedMax`.
  private var table = RowTable()
  /// 0 if there is none.
  private(set) var newestActive: UInt64
  /// When the newest cause happened.
  private(set) var time: Instant
  /// Causes up to this position are read.
  var readThrough: UInt64 = 0

  init(key: InboxKey, first: InboxCause, _ time: Instant) {
    self.key = key
    firstPosition = first.position
    firstPerson = first.person
    firstIsActive = first.isActive
    self.time = time
    active = first.isActive ? 1 : 0
    newestActive = first.isActive ? first.position : 0
    if isOfFollowings, !first.isActive { enter(0, count: 0) }
  }

  /// As it was when `columns` was taken; nil for what those cannot have been.
  init?(key: InboxKey, _ causes: CauseColumns, _ time: Instant) {
    guard let first = causes.first, let others = CauseList(afterFirst: causes) else { return nil }
    self.init(key: key, first: first, time)
    self.others = others
    active = UInt32(causes.people.count - causes.withdrawn.count)
    newestActive = causes.newestActive ?? 0
    if isOfFollowings {
      for (count, index) in causes.withdrawn.enumerated() where index > 0 {
        enter(Int(index), count: count)
      }
    } else if causeCount > Self.scannedMax {
      for index in 0..<causeCount { enter(index, count: index) }
    }
  }

  /// All causes.
  var columns: CauseColumns {
    var columns = CauseColumns(people: [], positions: [], withdrawn: [])
    columns.people.reserveCapacity(causeCount)
    columns.positions.reserveCapacity(causeCount)
    for index in 0..<causeCount {
      let cause = cause(index)
      columns.people.append(cause.person)
      columns.positions.append(cause.position)
      if !cause.isActive { columns.withdrawn.append(UInt32(index)) }
    }
    return columns
  }

  private var isOfFollowings: Bool { key.kind == .follow }

  var causeCount: Int { others.count + 1 }
  var activeCount: Int { Int(active) }

  func cause(_ index: Int) -> InboxCause {
    if index > 0 { return others[index - 1] }
    return InboxCause(position: firstPosition, person: firstPerson, isActive: firstIsActive)
  }

  /// Reads what a fold will need; the number means nothing.
  var touched: Int { Int(truncatingIfNeeded: orderKey &+ newestActive &+ readThrough) }

  private func position(at index: Int) -> UInt64 {
    index == 0 ? firstPosition : others.position(at: index - 1)
  }

  /// The position of the first cause names the item for ever.
  var id: UInt64 { firstPosition }
  /// By what items are ordered; does not go back when the newest cause is withdrawn.
  var orderKey: UInt64 { others.lastPosition ?? firstPosition }

  /// True if this is new; a cause that was withdrawn comes back without that. Who follows must not
  /// have followed until now.
  mutating func add(_ person: PersonIndex, at position: UInt64, _ time: Instant) -> Bool {
    if let index = isOfFollowings ? withdrawnIndex(of: person) : index(of: person) {
      guard !cause(index).isActive else { return false }
      set(index, isActive: true)
      active += 1
      newestActive = max(newestActive, self.position(at: index))
      return false
    }
    append(InboxCause(position: position, person: person, isActive: true), time)
    return true
  }

  private mutating func append(_ cause: InboxCause, _ time: Instant) {
    others.append(cause)
    self.time = time
    if cause.isActive {
      active += 1
      newestActive = cause.position
    }
    if isOfFollowings {
      if !cause.isActive { enter(causeCount - 1, count: causeCount - Int(active) - 1) }
    } else if causeCount == Self.scannedMax + 1 {
      for index in 0..<causeCount { enter(index, count: index) }
    } else if causeCount > Self.scannedMax {
      enter(causeCount - 1, count: causeCount - 1)
    }
  }

  mutating func withdraw(_ person: PersonIndex) {
    guard let index = index(of: person), cause(index).isActive else { return }
    active -= 1
    set(index, isActive: false)
    guard newestActive == position(at: index) else { return }
    let next = (0..<index).last { cause($0).isActive }
    newestActive = next.map { position(at: $0) } ?? 0
  }

  /// Whoever caused it.
  mutating func withdrawAll() {
    for index in 0..<causeCount where cause(index).isActive {
      active -= 1
      set(index, isActive: false)
    }
    newestActive = 0
  }

  func hasCause(at position: UInt64) -> Bool { cause(at: position) != nil }

  /// Whether what happened there has not been withdrawn.
  func hasActiveCause(at position: UInt64) -> Bool { cause(at: position)?.isActive ?? false }

  /// Whether something that the person did has not been withdrawn.
  func hasActiveCause(by person: PersonIndex) -> Bool {
    index(of: person).map { cause($0).isActive } ?? false
  }

  private func cause(at position: UInt64) -> InboxCause? {
    let count = causeCount(through: position)
    guard count > 0, self.position(at: count - 1) == position else { return nil }
    return cause(count - 1)
  }

  /// Under which key the item stood when the journal had reached `position`.
  func orderKey(asOf position: UInt64) -> UInt64? {
    let count = causeCount(through: position)
    return count > 0 ? self.position(at: count - 1) : nil
  }

  /// Newest first.
  func actors(max: Int) -> [PersonIndex] {
    var actors: [PersonIndex] = []
    for index in (0..<causeCount).reversed() where cause(index).isActive {
      if actors.count == max { break }
      actors.append(cause(index).person)
    }
    return actors
  }

  /// `active` counts the change already.
  private mutating func set(_ index: Int, isActive: Bool) {
    if index == 0 { firstIsActive = isActive } else { others.set(index - 1, isActive: isActive) }
    guard isOfFollowings else { return }
    if isActive {
      let (first, others) = (firstPerson, others)
      table.remove(UInt32(index), hash: cause(index).person.segmentHash) {
        ($0 == 0 ? first : others[Int($0) - 1].person).segmentHash
      }
    } else {
      enter(index, count: causeCount - Int(active) - 1)
    }
  }

  /// Enters a cause into the table, where `count` others are.
  private mutating func enter(_ index: Int, count: Int) {
    let (first, others) = (firstPerson, others)
    table.insert(UInt32(index), hash: cause(index).person.segmentHash, count: count) {
      ($0 == 0 ? first : others[Int($0) - 1].person).segmentHash
    }
  }

  private func withdrawnIndex(of person: PersonIndex) -> Int? {
    active == causeCount ? nil : enteredIndex(of: person)
  }

  private func enteredIndex(of person: PersonIndex) -> Int? {
    table.find(hash: person.segmentHash) { cause(Int($0)).person == person }.map { Int($0) }
  }

  private func index(of person: PersonIndex) -> Int? {
    if !isOfFollowings, causeCount > Self.scannedMax { return enteredIndex(of: person) }
    if firstPerson == person { return 0 }
    return others.firstIndex(of: person).map { $0 + 1 }
  }

  private func causeCount(through position: UInt64) -> Int {
    leadingCount(of: causeCount) { self.position(at: $0) <= position }
  }
}
