/// The lists of some neighbours in one array. A list that is full moves to the array's end; when
/// what was left behind comes to an eighth of it, all of it is written anew.
struct EdgeSegment: Sendable {
  static let listsCount = 256
  /// Places that are left behind before it is worth writing a small segment anew.
  private static let unusedMin = 256

  private struct Head: Sendable {
    /// Places among the segment's words.
    var start: UInt32 = 0
    var count: UInt32 = 0
    var room: UInt32 = 0
    /// 1 + its place among the annexes; 0 for a list without one.
    var annex: UInt32 = 0

    @inline(__always) var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    @inline(__always) var end: Int { Int(start) + Int(room) }
  }

  private var heads = [Head](repeating: Head(), count: listsCount)
  private var words: [PersonIndex] = []
  /// Words in the room of no list.
  private var unused = 0
  private var annexes: [EdgeAnnex] = []

  // MARK: Reading

  func count(of list: Int) -> Int { Int(heads[list].count) }

  func edges(of list: Int) -> ArraySlice<PersonIndex> { words[heads[list].range] }

  func annex(of list: Int) -> EdgeAnnex? {
    heads[list].annex == 0 ? nil : annexes[Int(heads[list].annex) - 1]
  }

  func contains(_ person: PersonIndex, in list: Int) -> Bool {
    let head = heads[list]
    if head.annex > 0, annexes[Int(head.annex) - 1].keepsMembers {
      return annexes[Int(head.annex) - 1].hasMember(person)
    }
    return EdgeAnnex.scan(words.span.extracting(head.range), for: person)
  }

  func page(
    of list: Int, before: UInt64, limit: Int
  ) -> [(ordinal: UInt32, person: PersonIndex)] {
    (annex(of: list) ?? EdgeAnnex()).page(
      of: words.span.extracting(heads[list].range), before: before, limit: limit)
  }

  func touched(_ list: Int) -> Int {
    let head = heads[list]
    return head.count == 0 ? 0 : Int(words[head.range.upperBound - 1].raw)
  }

  // MARK: Changing

  mutating func append(_ person: PersonIndex, to list: Int) -> Bool {
    guard !contains(person, in: list) else { return false }
    appendNew(person, to: list)
    if count(of: list) > EdgeAnnex.scannedMax, !keepsMembers(list) { keepMembers(of: list) }
    return true
  }

  mutating func appendNew(_ person: PersonIndex, to list: Int) {
    if heads[list].count == heads[list].room { widen(list) }
    words[heads[list].range.upperBound] = person
    heads[list].count += 1
    if keepsMembers(list) {
      annexes[Int(heads[list].annex) - 1].insert(person, beside: count(of: list) - 1)
    }
  }

  mutating func remove(_ person: PersonIndex, from list: Int) -> Bool {
    let range = heads[list].range
    guard contains(person, in: list), let place = words[range].firstIndex(of: person) else {
      return false
    }
    let annex = annexIndex(of: list)
    annexes[annex].addHole(at: place - range.lowerBound)
    for next in place + 1..<range.upperBound { words[next - 1] = words[next] }
    heads[list].count -= 1
    annexes[annex].removeMember(person, leaving: count(of: list))
    return true
  }

  mutating func restore(
    _ edges: [PersonIndex], holes: [UInt32], as list: Int, keepsMembers: Bool
  ) {
    unused += Int(heads[list].room)
    heads[list] = Head(
      start: UInt32(words.count), count: UInt32(edges.count), room: UInt32(edges.count))
    reserve(edges.count)
    words.append(contentsOf: edges)
    if !holes.isEmpty { annexes[annexIndex(of: list)] = EdgeAnnex(holes: holes) }
    if keepsMembers, edges.count > EdgeAnnex.scannedMax { keepMembers(of: list) }
  }

  mutating func trim() {
    guard words.capacity > words.count else { return }
    var exact: [PersonIndex] = []
    exact.reserveCapacity(words.count)
    exact.append(contentsOf: words)
    words = exact
  }

  // MARK: Members

  private func keepsMembers(_ list: Int) -> Bool {
    heads[list].annex > 0 && annexes[Int(heads[list].annex) - 1].keepsMembers
  }

  private mutating func keepMembers(of list: Int) {
    annexes[annexIndex(of: list)].keepMembers(edges(of: list))
  }

  /// Of a list that has an annex from now on.
  private mutating func annexIndex(of list: Int) -> Int {
    if heads[list].annex == 0 {
      annexes.append(EdgeAnnex())
      heads[list].annex = UInt32(annexes.count)
    }
    return Int(heads[list].annex) - 1
  }

  // MARK: Room

  /// Makes room in a list that is full.
  private mutating func widen(_ list: Int) {
    let head = heads[list]
    let room = EdgeAnnex.room(beyond: Int(head.count))
    if head.end != words.count {
      guard unused + Int(head.room) <= words.count / 8 + Self.unusedMin else {
        return rewrite(widening: list, to: room)
      }
      unused += Int(head.room)
      heads[list].start = UInt32(words.count)
      reserve(room)
      for place in head.range { words.append(words[place]) }
    }
    heads[list].room = UInt32(room)
    let missing = heads[list].end - words.count
    reserve(missing)
    words.append(contentsOf: repeatElement(PersonIndex(0), count: missing))
  }

  /// By an eighth at least: doubling would leave a third of the memory unused on average.
  private mutating func reserve(_ count: Int) {
    let needed = words.count + count
    precondition(needed < UInt32.max, "lists of neighbours that fill 16 GiB")
    if needed > words.capacity {
      words.reserveCapacity(max(needed, words.count + words.count / 8))
    }
  }

  private mutating func rewrite(widening list: Int, to room: Int) {
    let used = words.count - unused + room - Int(heads[list].room)
    var rewritten: [PersonIndex] = []
    rewritten.reserveCapacity(used + used / 16)
    for index in heads.indices where heads[index].room > 0 || index == list {
      let range = heads[index].range
      heads[index].start = UInt32(rewritten.count)
      if index == list { heads[index].room = UInt32(room) }
      rewritten.append(contentsOf: words[range])
      let missing = heads[index].end - rewritten.count
      rewritten.append(contentsOf: repeatElement(PersonIndex(0), count: missing))
    }
    words = rewritten
    unused = 0
  }
}
