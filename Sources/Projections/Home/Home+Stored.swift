internal import Domain
internal import Journal

/// How snapshots hold homes: each candidate once, and rings as numbers of candidates, as they are
/// in memory. Written as entries, homes would be most of a snapshot and of a start.
///
/// Each shard writes its candidates first, numbered from 0 in the order in which rings hold them:
///
/// - null → newest key, once, as the entry
/// - [number of the first] → packed columns of at most `candidatesMax`: order keys, posts, kinds,
///   rows of actors; 0 begins another shard's
/// - row → [whether the oldest is a floor, numbers packed, oldest first]
extension Home {
  /// Candidates in one stored entry: some hundred KiB.
  static let candidatesMax = 1 << 14

  package func forEachStored(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    if placement.isFirst {
      entry.key.null()
      entry.value.uint(rings.newestKey)
      entry.emit(to: body)
    }
    let numbering = CandidateNumbering(of: rings)
    for first in stride(from: 0, to: numbering.held.count, by: Self.candidatesMax) {
      let end = min(first + Self.candidatesMax, numbering.held.count)
      let candidates = numbering.held[first..<end].map { rings.candidates[$0] }
      entry.key.array(1)
      entry.key.uint(UInt64(first))
      entry.value.array(4)
      entry.value.packed(wide: candidates.map(\.orderKey))
      entry.value.packed(wide: candidates.map(\.outbox.post.raw))
      entry.value.packed(wide: candidates.map(\.outbox.kind.rawValue))
      entry.value.packed(candidates.map(\.actor))
      entry.emit(to: body)
    }
    rings.forEachRing { person, numbers, isFloored in
      entry.key.person(person)
      entry.value.array(2)
      entry.value.bool(isFloored)
      entry.value.packed(numbering.stored(numbers))
      entry.emit(to: body)
    }
  }

  /// Takes in what `forEachStored` wrote, in its order.
  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    if key.isNull {
      rings.note(try value.order())
      return
    }
    guard people.count > 0 else { throw .invalidValue }
    grow(toHold: people)
    guard key.isUInt else { return try restoring.read(&key, &value) }
    let person = try key.person()
    guard person.row < people.count else { throw .invalidValue }
    guard people.isLocal(person) else { return }
    let ring = try StoredRing(&value)
    guard ring.numbers.count <= rings.lengthMax + (ring.isFloored ? 1 : 0) else {
      throw .invalidValue
    }
    let numbers = try restoring.numbers(of: ring, in: &rings)
    rings.restore(numbers, isFloored: ring.isFloored, of: person)
  }

  mutating func finishRestoring() { restoring = StoredCandidates() }
}

/// The numbers under which what rings hold is stored.
private struct CandidateNumbering {
  /// In the order of these numbers, those of the table.
  private(set) var held: [UInt32] = []
  private var byTable: [UInt32]

  init(of rings: HomeRings) {
    byTable = Array(repeating: .max, count: rings.candidates.count)
    rings.forEachRing { _, numbers, _ in
      for number in numbers where byTable[Int(number)] == .max {
        byTable[Int(number)] = UInt32(held.count)
        held.append(number)
      }
    }
  }

  func stored(_ numbers: [UInt32]) -> [UInt32] { numbers.map { byTable[Int($0)] } }
}

/// A ring as it is stored.
struct StoredRing {
  let isFloored: Bool
  let numbers: [UInt32]

  init(_ value: inout CBORDecoder) throws(CBORError) {
    try value.array(of: 2)
    isFloored = try value.bool()
    numbers = try value.packed().words()
    guard !isFloored || !numbers.isEmpty else { throw .invalidValue }
  }
}

/// The candidates of the shard whose homes are being read.
struct StoredCandidates: Sendable {
  private(set) var entries: [RingEntry] = []
  /// Their numbers in the table here, as far as a ring here holds them; else the highest.
  private var numbers: [UInt32] = []

  /// Reads a block of them.
  mutating func read(
    _ key: inout CBORDecoder, _ value: inout CBORDecoder
  ) throws(CBORError) {
    try key.array(of: 1)
    let first = try key.uint()
    if first == 0 { self = StoredCandidates() }
    guard first == UInt64(entries.count) else { throw .invalidValue }
    try value.array(of: 4)
    let orderKeys = try value.packed().wideWords()
    let posts = try value.packed().wideWords()
    let kinds = try value.packed().wideWords()
    let actors = try value.packed().people()
    guard orderKeys.count == posts.count, posts.count == kinds.count, kinds.count == actors.count
    else { throw .invalidValue }
    for index in orderKeys.indices {
      guard let kind = OutboxEntry.Kind(rawValue: kinds[index]), orderKeys[index] < 1 << 63,
        posts[index] < 1 << 63
      else { throw .invalidValue }
      entries.append(
        RingEntry(
          outbox: OutboxEntry(kind: kind, orderKey: orderKeys[index], post: PostID(posts[index])),
          actor: actors[index]))
    }
    numbers += repeatElement(.max, count: entries.count - numbers.count)
  }

  /// Of the candidates of a ring; adds those that are new here.
  mutating func numbers(
    of ring: StoredRing, in rings: inout HomeRings
  ) throws(CBORError) -> [UInt32] {
    var own = ring.numbers
    for (place, stored) in ring.numbers.enumerated() {
      guard stored < numbers.count else { throw .invalidValue }
      if numbers[Int(stored)] == .max {
        numbers[Int(stored)] = rings.restore(entries[Int(stored)])
      }
      own[place] = numbers[Int(stored)]
    }
    return own
  }

  /// A ring as its entry has it.
  func entries(of ring: StoredRing) throws(CBORError) -> (floor: UInt64, entries: [RingEntry]) {
    guard ring.numbers.allSatisfy({ $0 < entries.count }) else { throw .invalidValue }
    let all = ring.numbers.map { entries[Int($0)] }
    return ring.isFloored ? (all[0].orderKey, Array(all.dropFirst())) : (0, all)
  }
}
