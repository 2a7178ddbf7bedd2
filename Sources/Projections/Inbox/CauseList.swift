internal import Domain

/// Someone did something that is worth telling.
struct InboxCause: Sendable {
  let position: UInt64
  let person: PersonIndex
  /// False once withdrawn. Kept, because doing it again does not notify again.
  var isActive: Bool

  init(position: UInt64, person: PersonIndex, isActive: Bool) {
    precondition(person.raw < CauseList.activeBit, "more than 2^31 people")
    self.position = position
    self.person = person
    self.isActive = isActive
  }
}

/// Causes in the order of their positions, in 8 bytes each (12 once a position reaches 2^32),
/// because likes and followings are many.
struct CauseList: Sendable {
  static let activeBit: UInt32 = 1 << 31
  /// From here on the list grows by an eighth; a shorter one by a quarter, lest it grow often.
  private static let growthMin = 64

  /// Of each cause the person, with the upper bit saying whether it is active; then the position's
  /// low half and, if wide, its high half.
  private var words: [UInt32] = []
  private var isWide = false

  init() {}

  /// All but the first; nil if these are none, or not in order.
  init?(afterFirst columns: CauseColumns) {
    let (people, positions) = (columns.people.span, columns.positions.span)
    guard people.count > 0, people.count == positions.count,
      zip(columns.withdrawn, columns.withdrawn.dropFirst()).allSatisfy({ $0 < $1 }),
      columns.withdrawn.last.map({ $0 < people.count }) ?? true
    else { return nil }
    isWide = people.count > 1 && positions[positions.count - 1] > UInt64(UInt32.max)
    words.reserveCapacity((people.count - 1) * stride)
    var (isInOrder, union, last) = (true, UInt32(0), positions[0])
    for index in 1..<people.count {
      let position = positions[index]
      isInOrder = isInOrder && position > last
      last = position
      union |= people[index].raw
      words.append(people[index].raw | Self.activeBit)
      words.append(UInt32(truncatingIfNeeded: position))
      if isWide { words.append(UInt32(truncatingIfNeeded: position >> 32)) }
    }
    guard isInOrder, union & Self.activeBit == 0 else { return nil }
    for index in columns.withdrawn where index > 0 { set(Int(index) - 1, isActive: false) }
  }

  private var stride: Int { isWide ? 3 : 2 }
  var count: Int { isWide ? words.count / 3 : words.count / 2 }

  subscript(index: Int) -> InboxCause {
    let word = words[index * stride]
    return InboxCause(
      position: position(at: index), person: PersonIndex(word & ~Self.activeBit),
      isActive: word & Self.activeBit != 0)
  }

  func position(at index: Int) -> UInt64 {
    let at = index * stride + 1
    return UInt64(words[at]) | (isWide ? UInt64(words[at + 1]) << 32 : 0)
  }

  var lastPosition: UInt64? { words.isEmpty ? nil : position(at: count - 1) }

  mutating func set(_ index: Int, isActive: Bool) {
    let person = words[index * stride] & ~Self.activeBit
    words[index * stride] = person | (isActive ? Self.activeBit : 0)
  }

  /// `cause` is newer than all others.
  mutating func append(_ cause: InboxCause) {
    if cause.position > UInt64(UInt32.max), !isWide { widen() }
    if words.count + stride > words.capacity {
      // Doubling would leave a third of the memory unused on average.
      let share = count < Self.growthMin ? 4 : 8
      words.reserveCapacity((count + count / share + 2) * stride)
    }
    words.append(cause.person.raw | (cause.isActive ? Self.activeBit : 0))
    words.append(UInt32(truncatingIfNeeded: cause.position))
    if isWide { words.append(UInt32(truncatingIfNeeded: cause.position >> 32)) }
  }

  /// O(causes).
  func firstIndex(of person: PersonIndex) -> Int? {
    let stride = stride
    var at = 0
    while at < words.count {
      if words[at] & ~Self.activeBit == person.raw { return at / stride }
      at += stride
    }
    return nil
  }

  private mutating func widen() {
    var wide: [UInt32] = []
    wide.reserveCapacity((count + 1) * 3)
    for index in 0..<count {
      wide.append(words[index * 2])
      wide.append(words[index * 2 + 1])
      wide.append(0)
    }
    words = wide
    isWide = true
  }
}
