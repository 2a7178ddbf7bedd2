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

/// Someone did something that is worth telling. 12 bytes, because likes are many.
struct InboxCause: Sendable {
  private let high: UInt32
  private let low: UInt32
  /// The upper bit says whether the cause is active.
  private var personAndState: UInt32

  private static let activeBit: UInt32 = 1 << 31

  init(position: UInt64, person: PersonIndex, isActive: Bool) {
    precondition(person.raw < Self.activeBit, "more than 2^31 people")
    high = UInt32(position >> 32)
    low = UInt32(truncatingIfNeeded: position)
    personAndState = person.raw | (isActive ? Self.activeBit : 0)
  }

  var position: UInt64 { UInt64(high) << 32 | UInt64(low) }
  var person: PersonIndex { PersonIndex(personAndState & ~Self.activeBit) }

  /// False once withdrawn. Kept, because doing it again does not notify again.
  var isActive: Bool {
    get { personAndState & Self.activeBit != 0 }
    set { personAndState = person.raw | (newValue ? Self.activeBit : 0) }
  }
}

/// One line of an inbox, with everyone who ever caused it.
struct InboxItem: Sendable {
  /// From this many causes on, they are looked up instead of scanned.
  private static let scannedMax = 32

  let key: InboxKey
  /// The first cause is here, because most items have no more. In order of position; none is ever
  /// taken away.
  private var first: InboxCause
  private var others: [InboxCause] = []
  /// Only with more than `scannedMax` causes.
  private var table = RowTable()
  private var active: UInt32
  /// 0 if there is none.
  private(set) var newestActive: UInt64
  /// When the newest cause happened.
  private(set) var time: Instant
  /// Causes up to this position are read.
  var readThrough: UInt64 = 0

  init(key: InboxKey, first: InboxCause, _ time: Instant) {
    self.key = key
    self.first = first
    self.time = time
    active = first.isActive ? 1 : 0
    newestActive = first.isActive ? first.position : 0
  }

  var causeCount: Int { others.count + 1 }
  var activeCount: Int { Int(active) }

  func cause(_ index: Int) -> InboxCause { index == 0 ? first : others[index - 1] }

  /// The position of the first cause names the item for ever.
  var id: UInt64 { first.position }
  /// By what items are ordered; does not go back when the newest cause is withdrawn.
  var orderKey: UInt64 { others.last?.position ?? first.position }

  /// True if this is new; a cause that was withdrawn comes back without that.
  mutating func add(_ person: PersonIndex, at position: UInt64, _ time: Instant) -> Bool {
    if let index = index(of: person) {
      guard !cause(index).isActive else { return false }
      set(index, isActive: true)
      active += 1
      newestActive = max(newestActive, cause(index).position)
      return false
    }
    append(InboxCause(position: position, person: person, isActive: true), time)
    return true
  }

  /// Also for restoring.
  mutating func append(_ cause: InboxCause, _ time: Instant) {
    if others.count == others.capacity {
      others.reserveCapacity(others.count + others.count / 4 + 2)
    }
    others.append(cause)
    self.time = time
    if cause.isActive {
      active += 1
      newestActive = cause.position
    }
    if causeCount == Self.scannedMax + 1 {
      for index in 0..<causeCount { look(up: index) }
    } else if causeCount > Self.scannedMax {
      look(up: causeCount - 1)
    }
  }

  mutating func withdraw(_ person: PersonIndex) {
    guard let index = index(of: person), cause(index).isActive else { return }
    set(index, isActive: false)
    active -= 1
    guard newestActive == cause(index).position else { return }
    let next = (0..<index).last { cause($0).isActive }
    newestActive = next.map { cause($0).position } ?? 0
  }

  /// Whoever caused it.
  mutating func withdrawAll() {
    for index in 0..<causeCount { set(index, isActive: false) }
    active = 0
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
    guard count > 0 else { return nil }
    let newest = cause(count - 1)
    return newest.position == position ? newest : nil
  }

  /// Under which key the item stood when the journal had reached `position`.
  func orderKey(asOf position: UInt64) -> UInt64? {
    let count = causeCount(through: position)
    return count > 0 ? cause(count - 1).position : nil
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

  private mutating func set(_ index: Int, isActive: Bool) {
    if index == 0 { first.isActive = isActive } else { others[index - 1].isActive = isActive }
  }

  /// Enters a cause that has been appended into the table.
  private mutating func look(up index: Int) {
    let hash = cause(index).person.segmentHash
    let (first, others) = (first, others)
    table.insert(UInt32(index), hash: hash, count: index) { row in
      (row == 0 ? first : others[Int(row) - 1]).person.segmentHash
    }
  }

  private func index(of person: PersonIndex) -> Int? {
    if causeCount > Self.scannedMax {
      let row = table.find(hash: person.segmentHash) { cause(Int($0)).person == person }
      return row.map { Int($0) }
    }
    if first.person == person { return 0 }
    for (index, cause) in others.enumerated() where cause.person == person { return index + 1 }
    return nil
  }

  private func causeCount(through position: UInt64) -> Int {
    var low = 0
    var high = causeCount
    while low < high {
      let middle = (low + high) / 2
      if cause(middle).position <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
