import Domain
import Testing

@testable import Projections

/// The rings of homes, beside rings that are kept in the simplest way.
struct HomeRingsTests {
  /// What a ring is, by the book.
  private struct PlainRing {
    var entries: [RingEntry] = []
    var floor: UInt64 = 0

    mutating func push(_ entry: RingEntry, lengthMax: Int) {
      guard entry.orderKey > floor, !entries.contains(where: { $0.orderKey == entry.orderKey })
      else { return }
      let next = entries.lastIndex { $0.orderKey < entry.orderKey }.map { $0 + 1 } ?? 0
      entries.insert(entry, at: next)
      if entries.count > lengthMax { floor = entries.removeFirst().orderKey }
    }

    mutating func cut(at key: UInt64) {
      guard key > floor else { return }
      floor = key
      entries.removeAll { $0.orderKey <= key }
    }
  }

  private struct Twins {
    let lengthMax: Int
    let people: Int
    var rings: HomeRings
    var plain: [PlainRing]
    var newestKey: UInt64 = 0

    init(lengthMax: Int, people: Int, candidatesSpareMax: Int) {
      self.lengthMax = lengthMax
      self.people = people
      rings = HomeRings(lengthMax: lengthMax, candidatesSpareMax: candidatesSpareMax)
      rings.grow(toHold: people)
      plain = Array(repeating: PlainRing(), count: people)
    }

    mutating func push(key: UInt64, to rows: [Int], and author: Int?) {
      let entry = HomeRingsTests.entry(key, by: author ?? people)
      let followers = rows.map(HomeRingsTests.person)
      rings.push(entry, to: followers[...], and: author.map(HomeRingsTests.person))
      newestKey = max(newestKey, key)
      for row in rows + (author.map { [$0] } ?? []) {
        plain[row].push(entry, lengthMax: lengthMax)
      }
    }

    mutating func cut(_ row: Int) {
      rings.cut(HomeRingsTests.person(row))
      plain[row].cut(at: newestKey)
    }

    func check() {
      for row in 0..<people {
        let page = rings.page(of: HomeRingsTests.person(row), before: .max, limit: .max)
        #expect(page.entries == plain[row].entries.reversed())
        #expect(page.floor == plain[row].floor)
      }
      var blank = Set(0..<people)
      rings.forEach { person, entries, floor in
        blank.remove(person.row)
        #expect(entries == plain[person.row].entries && floor == plain[person.row].floor)
      }
      #expect(blank.allSatisfy { plain[$0].entries.isEmpty && plain[$0].floor == 0 })
    }
  }

  private static func person(_ row: Int) -> PersonIndex { PersonIndex(UInt32(row)) }

  private static func entry(_ key: UInt64, by author: Int) -> RingEntry {
    RingEntry(
      outbox: OutboxEntry(kind: .post, orderKey: key, post: PostID(key)), actor: person(author))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 9, 128])
  func `rings hold what plain rings hold`(lengthMax: Int) {
    var random = SplitMix(seed: UInt64(lengthMax))
    var twins = Twins(lengthMax: lengthMax, people: 37, candidatesSpareMax: 50)
    var frozen: (HomeRings, [PlainRing])?
    let steps = 200 + 10 * lengthMax
    for step in 0..<steps {
      let rows = (0..<twins.people).filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
      // Mostly newer than all before, at times older, and at times the same again.
      let key =
        Int.random(in: 0..<4, using: &random) > 0
        ? UInt64(step + 10) * 10
        : UInt64.random(in: UInt64(max(1, step - 20))...UInt64(step + 12), using: &random) * 10
      switch Int.random(in: 0..<12, using: &random) {
      case 0: if let row = rows.first { twins.cut(row) }
      case 1: twins.push(key: key, to: rows, and: rows.count % twins.people)
      case 2: twins.push(key: key, to: [], and: nil)
      default: twins.push(key: key, to: rows, and: nil)
      }
      if step == steps / 2 { frozen = (twins.rings, twins.plain) }
    }
    twins.check()
    guard let (rings, plain) = frozen else { return }
    (twins.rings, twins.plain) = (rings, plain)
    twins.check()
  }

  @Test func `candidates that no ring holds make room for others`() {
    var twins = Twins(lengthMax: 4, people: 40, candidatesSpareMax: 100)
    for key in 1...20_000 {
      twins.push(key: UInt64(key), to: [key % 40], and: nil)
      if key % 7 == 0 { twins.cut(key % 40) }
    }
    twins.check()
    // Rings hold at most 200, with their floors; the reviews come every 200 and take one each.
    #expect(twins.rings.candidates.count <= 500)
  }

  @Test func `what somebody has not lost in years stays as it was`() {
    var twins = Twins(lengthMax: 4, people: 40, candidatesSpareMax: 10)
    twins.push(key: 1, to: [39], and: nil)
    for key in 2...5_000 { twins.push(key: UInt64(key), to: [key % 39], and: nil) }
    twins.check()
    #expect(
      twins.rings.page(of: Self.person(39), before: .max, limit: 9).entries
        == [Self.entry(1, by: 40)])
  }

  @Test func `the longest rings fit side by side in a slab`() {
    let lengthMax = RingSlab.lengthMax
    var twins = Twins(lengthMax: lengthMax, people: 8, candidatesSpareMax: 1 << 20)
    let everybody = (0..<8).map(Self.person)[...]
    for key in 1...(lengthMax + 3) {
      twins.rings.push(Self.entry(UInt64(key), by: 8), to: everybody, and: nil)
    }
    for row in 0..<8 {
      let page = twins.rings.page(of: Self.person(row), before: .max, limit: .max)
      #expect(page.floor == 3 && page.entries.count == lengthMax)
      #expect(page.entries.first?.orderKey == UInt64(lengthMax + 3))
      #expect(page.entries.last?.orderKey == 4)
    }
  }

  @Test func `rings longer than the longest are not made`() async {
    await #expect(processExitsWith: .failure) {
      _ = HomeRings(lengthMax: RingSlab.lengthMax + 1)
    }
  }
}
