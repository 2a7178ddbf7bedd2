import Testing

@testable import Projections

/// Everyone's lists in shared pieces of memory, against arrays of their own.
struct EdgeTableTests {
  /// A list and the ordinals of what was taken from it.
  private struct Naive: Equatable {
    var edges: [(ordinal: UInt32, person: PersonIndex)] = []
    var next: UInt32 = 0

    static func == (left: Naive, right: Naive) -> Bool {
      left.next == right.next && left.edges.elementsEqual(right.edges) { $0 == $1 }
    }

    mutating func append(_ person: PersonIndex) -> Bool {
      guard !edges.contains(where: { $0.person == person }) else { return false }
      edges.append((next, person))
      next += 1
      return true
    }

    mutating func remove(_ person: PersonIndex) -> Bool {
      guard let index = edges.firstIndex(where: { $0.person == person }) else { return false }
      edges.remove(at: index)
      return true
    }

    func page(before: UInt64, limit: Int) -> [(ordinal: UInt32, person: PersonIndex)] {
      Array(edges.filter { UInt64($0.ordinal) < before }.reversed().prefix(limit))
    }
  }

  private static let people = (0..<600).map { PersonIndex($0) }

  private func compare(_ table: EdgeTable, _ lists: [Naive], _ random: inout SplitMix) {
    for person in Self.people {
      let list = lists[person.row]
      #expect(table.count(of: person) == list.edges.count)
      #expect(Array(table.edges(of: person)) == list.edges.map(\.person))
      #expect(table.isBlank(person) == (list.next == 0))
      #expect(table.holes(of: person).count == Int(list.next) - list.edges.count)
      let before = UInt64.random(in: 0...UInt64(list.next) + 1, using: &random)
      let page = table.page(of: person, before: before, limit: 7)
      #expect(page.elementsEqual(list.page(before: before, limit: 7)) { $0 == $1 })
      let other = PersonIndex(.random(in: 0..<3_000, using: &random))
      #expect(
        table.contains(other, of: person) == list.edges.contains { $0.person == other })
    }
  }

  /// Few of the people have most of the edges: their lists move past their neighbours' again and
  /// again, and grow beyond what is scanned.
  private func someone(_ random: inout SplitMix) -> PersonIndex {
    let most: UInt32 = random.once(in: 2) ? 4 : 600
    return PersonIndex(.random(in: 0..<most, using: &random))
  }

  @Test func `lists that share their memory are as lists of their own`() {
    var random = SplitMix(seed: 31)
    var table = EdgeTable()
    table.grow(toHold: Self.people.count - 1)
    var lists = [Naive](repeating: Naive(), count: Self.people.count)
    var frozen: [(EdgeTable, [Naive])] = []
    for step in 0..<30_000 {
      let person = someone(&random)
      let other = PersonIndex(.random(in: 0..<3_000, using: &random))
      if random.once(in: 5) {
        let expected = lists[person.row].remove(other)
        #expect(table.remove(other, of: person) == expected)
      } else {
        let expected = lists[person.row].append(other)
        #expect(table.append(other, of: person) == expected)
      }
      if step % 10_000 == 5_000 { frozen.append((table, lists)) }
    }
    #expect(lists[0].edges.count > EdgeAnnex.scannedMax)
    compare(table, lists, &random)
    // What was copied is as it was.
    for (table, lists) in frozen { compare(table, lists, &random) }
  }

  @Test func `lists that were restored go on as they would have`() {
    var random = SplitMix(seed: 32)
    var lists = [Naive](repeating: Naive(), count: Self.people.count)
    for _ in 0..<20_000 {
      let other = PersonIndex(.random(in: 0..<3_000, using: &random))
      let person = someone(&random)
      _ = random.once(in: 5) ? lists[person.row].remove(other) : lists[person.row].append(other)
    }
    var table = EdgeTable()
    table.grow(toHold: Self.people.count - 1)
    for person in Self.people.shuffled(using: &random) where lists[person.row].next > 0 {
      let edges = lists[person.row].edges
      let kept = Set(edges.map(\.ordinal))
      let holes = (0..<lists[person.row].next).filter { !kept.contains($0) }
      // Twice: what was restored before is not there any more.
      if random.once(in: 9) {
        table.restore([PersonIndex(1)], holes: [], of: person, keepsMembers: true)
      }
      table.restore(edges.map(\.person), holes: holes, of: person, keepsMembers: true)
    }
    table.finishRestoring()
    compare(table, lists, &random)
    for _ in 0..<20_000 {
      let other = PersonIndex(.random(in: 0..<3_000, using: &random))
      let person = someone(&random)
      let expected = lists[person.row].append(other)
      #expect(table.append(other, of: person) == expected)
    }
    compare(table, lists, &random)
  }

  @Test func `a bit is of one row alone`() {
    var bits = RowBits()
    bits.grow(toHold: 300)
    for row in [0, 63, 64, 300] as [UInt32] { bits[PersonIndex(row)] = true }
    bits[PersonIndex(63)] = false
    #expect((0...300).filter { bits[PersonIndex($0)] } == [0, 64, 300])
  }
}
