/// Positions by user in 12 bytes each (16 once a position reaches 2^32): one sorted array of
/// half-words, searched by halving.
///
/// A look-up is O(log n); a change moves what lies behind it, O(n) in memory bandwidth only.
package struct PositionMap: Sendable {
  /// Per entry: the user's low and high half, then the position's low half and, if wide, its high.
  private var halves: ContiguousArray<UInt32> = []
  private var isWide = false

  package init() {}

  private var stride: Int { isWide ? 4 : 3 }
  package var count: Int { halves.count / stride }
  package var isEmpty: Bool { halves.isEmpty }

  /// What the entries and the slack behind them take.
  package var bytesReserved: Int { halves.capacity * 4 }

  package subscript(user: UserID) -> Position? {
    get {
      let index = lowerBound(of: user.raw)
      guard index < count, key(at: index) == user.raw else { return nil }
      return position(at: index)
    }
    set {
      let index = lowerBound(of: user.raw)
      let isPresent = index < count && key(at: index) == user.raw
      if let position = newValue {
        if position.raw > UInt64(UInt32.max), !isWide { widen() }
        isPresent ? overwrite(index, position) : insert(index, user, position)
      } else if isPresent {
        halves.removeSubrange(index * stride..<(index + 1) * stride)
      }
    }
  }

  /// In ascending order of user.
  package func forEach(_ body: (UserID, Position) -> Void) {
    for index in 0..<count { body(UserID(key(at: index)), position(at: index)) }
  }

  private mutating func insert(_ index: Int, _ user: UserID, _ position: Position) {
    growSparingly(&halves, by: stride)
    let low = UInt32(truncatingIfNeeded: user.raw)
    let high = UInt32(truncatingIfNeeded: user.raw >> 32)
    let place = UInt32(truncatingIfNeeded: position.raw)
    let at = index * stride
    if isWide {
      let placeHigh = UInt32(truncatingIfNeeded: position.raw >> 32)
      halves.insert(contentsOf: CollectionOfFour(low, high, place, placeHigh), at: at)
    } else {
      halves.insert(contentsOf: CollectionOfFour(low, high, place), at: at)
    }
  }

  private mutating func overwrite(_ index: Int, _ position: Position) {
    halves[index * stride + 2] = UInt32(truncatingIfNeeded: position.raw)
    if isWide { halves[index * stride + 3] = UInt32(truncatingIfNeeded: position.raw >> 32) }
  }

  private mutating func widen() {
    var wide: ContiguousArray<UInt32> = []
    wide.reserveCapacity((count + 1) * 4)
    for index in 0..<count {
      wide.append(contentsOf: halves[index * 3..<index * 3 + 3])
      wide.append(0)
    }
    halves = wide
    isWide = true
  }

  private func key(at index: Int) -> UInt64 {
    let at = index * stride
    return UInt64(halves[at]) | UInt64(halves[at + 1]) << 32
  }

  private func position(at index: Int) -> Position {
    let at = index * stride + 2
    return Position(UInt64(halves[at]) | (isWide ? UInt64(halves[at + 1]) << 32 : 0))
  }

  private func lowerBound(of raw: UInt64) -> Int {
    let stride = stride
    var low = 0
    var count = halves.count / stride
    // Halves what is left without a branch to be guessed wrong: any key is as likely as another.
    while count > 0 {
      let half = count / 2
      let at = (low + half) * stride
      let isBelow = UInt64(halves[at]) | UInt64(halves[at + 1]) << 32 < raw
      low = isBelow ? low + half + 1 : low
      count = isBelow ? count - half - 1 : half
    }
    return low
  }
}

extension PositionMap: Equatable {
  /// The width is no part of the value: it tells which positions were once held.
  package static func == (left: PositionMap, right: PositionMap) -> Bool {
    if left.isWide == right.isWide { return left.halves == right.halves }
    guard left.count == right.count else { return false }
    return (0..<left.count).allSatisfy {
      left.key(at: $0) == right.key(at: $0) && left.position(at: $0) == right.position(at: $0)
    }
  }
}

/// Three or four half-words on the stack, to insert at one go without an allocation.
private struct CollectionOfFour: RandomAccessCollection {
  let storage: (UInt32, UInt32, UInt32, UInt32)
  let endIndex: Int
  var startIndex: Int { 0 }

  init(_ a: UInt32, _ b: UInt32, _ c: UInt32) {
    storage = (a, b, c, 0)
    endIndex = 3
  }

  init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
    storage = (a, b, c, d)
    endIndex = 4
  }

  subscript(index: Int) -> UInt32 {
    switch index {
    case 0: storage.0
    case 1: storage.1
    case 2: storage.2
    default: storage.3
    }
  }
}
