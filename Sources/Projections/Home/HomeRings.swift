internal import Domain

/// The rings of all homes of a shard: each the newest candidates of one home, by order key, up to a
/// fixed number.
///
/// Above its floor a ring misses nothing that was pushed; at or below it nothing is kept. A
/// candidate is in the table once; a ring holds its number, so a delivery writes four bytes. That
/// costs a home of 128 entries half a KiB, and one without entries about a dozen bytes.
struct HomeRings: Sendable {
  /// Slabs looked through for each candidate that comes while the table is reviewed.
  static let slabsPerAdditionMax = 8

  /// Rings that are read ahead: enough for the processor to wait for many at once.
  private static let lookaheadMax = 32

  private let slotsMax: Int
  /// Means nothing; keeps what is read ahead from being optimised away.
  private var lookahead: UInt32 = 0
  private var slabs = SegmentedArray(empty: RingSlab())
  private(set) var candidates: CandidateTable
  /// The newest order key of all that was put out, here or elsewhere.
  private(set) var newestKey: UInt64 = 0
  /// The number of a candidate with this key, once one was needed.
  private var newestNumber: UInt32?
  /// Slabs that the review of the table has been through.
  private var reviewed = 0

  init(lengthMax: Int, candidatesSpareMax: Int = CandidateTable.spareMax) {
    precondition(
      (1...RingSlab.lengthMax).contains(lengthMax),
      "a ring holds 1 to \(RingSlab.lengthMax) entries")
    slotsMax = lengthMax + 1
    candidates = CandidateTable(spareMax: candidatesSpareMax)
  }

  var lengthMax: Int { slotsMax - 1 }

  /// Makes room for the rows of so many people.
  mutating func grow(toHold count: Int) { slabs.grow(toHold: (count - 1) >> RingSlab.shift) }

  // MARK: Pushing

  /// Says that something with this order key was put out; for what is not pushed.
  mutating func note(_ orderKey: UInt64) {
    guard orderKey > newestKey else { return }
    newestKey = orderKey
    newestNumber = nil
  }

  /// Pushes a candidate into the rings of `followers` and of `author`, if that is somebody here.
  mutating func push(
    _ entry: RingEntry, to followers: ArraySlice<PersonIndex>, and author: PersonIndex?
  ) {
    let isNewest = entry.orderKey > newestKey
    note(entry.orderKey)
    guard author != nil || !followers.isEmpty else { return }
    let number = add(entry)
    if isNewest {
      newestNumber = number
      append(number, to: followers)
      if let author { insert(number, into: author) }
    } else {
      for follower in followers { insert(number, into: follower) }
      if let author { insert(number, into: author) }
    }
  }

  /// The hot loop: no look but at the follower's ring, of which nothing is newer.
  ///
  /// Most of its time goes into waiting for memory. Reading the slots of some rings before any of
  /// them is written lets these waits overlap.
  private mutating func append(_ number: UInt32, to people: ArraySlice<PersonIndex>) {
    let slotsMax = slotsMax
    var start = people.startIndex
    while start < people.endIndex {
      let end = min(start + Self.lookaheadMax, people.endIndex)
      lookahead &+= slabs.sum(people[start..<end], shift: RingSlab.shift) { slab, person in
        slab.touch(person.row & RingSlab.mask)
      }
      slabs.change(people[start..<end], shift: RingSlab.shift) { slab, person in
        slab.append(number, to: person.row & RingSlab.mask, slotsMax: slotsMax)
      }
      start = end
    }
  }

  /// Ids of different shards may come slightly out of order.
  private mutating func insert(_ number: UInt32, into person: PersonIndex) {
    let slab = person.row >> RingSlab.shift
    let ring = person.row & RingSlab.mask
    let key = candidates[number].orderKey
    if let newest = slabs[slab].newest(of: ring), candidates[newest].orderKey >= key {
      var numbers = slabs[slab].numbers(of: ring)
      var isFloored = slabs[slab].isFloored(ring)
      var index = numbers.count
      while index > 0, candidates[numbers[index - 1]].orderKey > key { index -= 1 }
      if index == 0 ? isFloored : candidates[numbers[index - 1]].orderKey == key { return }
      numbers.insert(number, at: index)
      if numbers.count > slotsMax {
        numbers.removeFirst()
        isFloored = true
      }
      slabs[slab].set(ring, to: numbers, isFloored: isFloored, slotsMax: slotsMax)
    } else {
      slabs[slab].append(number, to: ring, slotsMax: slotsMax)
    }
  }

  /// From now on the ring vouches only for what is newer than all that there is.
  mutating func cut(_ person: PersonIndex) {
    guard newestKey > 0 else { return }
    let number = newestNumber ?? add(RingEntry(floor: newestKey))
    newestNumber = number
    slabs[person.row >> RingSlab.shift].cut(
      person.row & RingSlab.mask, at: number, slotsMax: slotsMax)
  }

  // MARK: The table

  private mutating func add(_ entry: RingEntry) -> UInt32 {
    if candidates.isReviewDue {
      candidates.beginReview()
      reviewed = 0
      // No ring may take up what was there before.
      newestNumber = nil
    }
    if candidates.isUnderReview { review() }
    return candidates.add(entry)
  }

  /// One step, and the end after the last.
  private mutating func review() {
    let end = min(reviewed + Self.slabsPerAdditionMax, slabs.count)
    for index in reviewed..<end {
      let slab = slabs[index]
      slab.forEachNumber { candidates.keep($0) }
    }
    reviewed = end
    if end == slabs.count { candidates.endReview() }
  }

  // MARK: Reading

  private func numbers(of person: PersonIndex) -> (floor: UInt32?, entries: ArraySlice<UInt32>) {
    let slab = person.row >> RingSlab.shift
    guard slab < slabs.count else { return (nil, []) }
    let ring = person.row & RingSlab.mask
    let numbers = slabs[slab].numbers(of: ring)
    return slabs[slab].isFloored(ring)
      ? (numbers.first, numbers.dropFirst()) : (nil, numbers[...])
  }

  /// At most `limit` entries with keys below `before`, newest first, and the ring's floor.
  func page(
    of person: PersonIndex, before: UInt64, limit: Int
  ) -> (entries: [RingEntry], floor: UInt64) {
    let (floor, numbers) = numbers(of: person)
    var page: [RingEntry] = []
    for number in numbers.reversed() {
      if page.count == limit { break }
      let entry = candidates[number]
      if entry.orderKey < before { page.append(entry) }
    }
    return (page, floor.map { candidates[$0].orderKey } ?? 0)
  }

  /// Every ring that ever held something, its entries oldest first.
  func forEach(
    _ body: (_ person: PersonIndex, _ entries: [RingEntry], _ floor: UInt64) -> Void
  ) {
    forEachRing { person, numbers, isFloored in
      let entries = numbers.map { candidates[$0] }
      body(
        person, isFloored ? Array(entries.dropFirst()) : entries,
        isFloored ? entries[0].orderKey : 0)
    }
  }

  // MARK: Storing

  /// Every ring that ever held something: its numbers, oldest first.
  func forEachRing(
    _ body: (_ person: PersonIndex, _ numbers: [UInt32], _ isFloored: Bool) -> Void
  ) {
    for row in 0..<(slabs.count << RingSlab.shift) {
      let slab = slabs[row >> RingSlab.shift]
      let numbers = slab.numbers(of: row & RingSlab.mask)
      if numbers.isEmpty { continue }
      body(PersonIndex(UInt32(row)), numbers, slab.isFloored(row & RingSlab.mask))
    }
  }

  /// Puts a candidate back and returns its number.
  mutating func restore(_ entry: RingEntry) -> UInt32 { candidates.add(entry) }

  /// Puts a ring back. Numbers are oldest first, at most `lengthMax` and that of a floor.
  mutating func restore(_ numbers: [UInt32], isFloored: Bool, of person: PersonIndex) {
    slabs[person.row >> RingSlab.shift].set(
      person.row & RingSlab.mask, to: numbers, isFloored: isFloored, slotsMax: slotsMax)
  }
}
