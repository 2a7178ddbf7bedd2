/// Some neighbours' rings in one piece of memory: a word of state for each, then their slots. A
/// delivery touches the word and one slot.
///
/// A ring holds numbers of candidates, oldest first. The oldest of a floored ring is no entry: what
/// it names, and all that is older, the ring does not vouch for.
struct RingSlab: Sendable {
  /// Rings in a slab; a power of two. Fewer cost memory, more make copies after a freeze larger.
  static let ringsCount = 8
  static let shift = 3
  static let mask = ringsCount - 1
  /// Entries of a ring: what the bits of `Head` allow.
  static let lengthMax = 8_190
  /// Slots a ring begins with.
  private static let slotsMin = 4

  /// Where a ring is, and how far it is filled.
  private struct Head {
    private static let cursorBits: UInt32 = 0x3fff
    private static let floored: UInt32 = 1 << 14
    private static let full: UInt32 = 1 << 15

    private(set) var bits: UInt32

    @inline(__always) init(bits: UInt32) { self.bits = bits }

    init(offset: Int, count: Int, isFloored: Bool) {
      bits = UInt32(offset) << 16 | UInt32(count) | (isFloored ? Self.floored : 0)
    }

    /// The first slot's place among the slab's words.
    @inline(__always) var offset: Int { Int(bits >> 16) }
    /// Where the next number goes, counted from the first slot: in a full ring, onto the oldest.
    @inline(__always) var cursor: Int { Int(bits & Self.cursorBits) }
    @inline(__always) var isFloored: Bool { bits & Self.floored != 0 }
    /// The newest numbers, one more than the entries that a ring may have; then floored as well.
    @inline(__always) var isFull: Bool { bits & Self.full != 0 }

    /// Past the slot that was filled, of at most `slotsMax`.
    @inline(__always) mutating func advance(slotsMax: Int) {
      bits += 1
      if cursor == slotsMax { bits = bits & ~Self.cursorBits | Self.floored | Self.full }
    }

    mutating func move(to offset: Int) { bits = bits & 0xffff | UInt32(offset) << 16 }
  }

  /// None while all rings are blank.
  private var words: [UInt32] = []

  private func head(of ring: Int) -> Head { Head(bits: words[ring]) }

  /// Where a ring's slots end among the slab's words.
  private func end(of ring: Int) -> Int {
    ring + 1 < Self.ringsCount ? head(of: ring + 1).offset : words.count
  }

  // MARK: Reading

  func isFloored(_ ring: Int) -> Bool { !words.isEmpty && head(of: ring).isFloored }

  func newest(of ring: Int) -> UInt32? {
    guard !words.isEmpty else { return nil }
    let head = head(of: ring)
    if head.cursor > 0 { return words[head.offset + head.cursor - 1] }
    return head.isFull ? words[end(of: ring) - 1] : nil
  }

  /// All of them, oldest first, with that of the floor.
  func numbers(of ring: Int) -> [UInt32] {
    guard !words.isEmpty else { return [] }
    let head = head(of: ring)
    let next = head.offset + head.cursor
    if head.isFull { return Array(words[next..<end(of: ring)] + words[head.offset..<next]) }
    return Array(words[head.offset..<next])
  }

  /// All numbers of all rings.
  func forEachNumber(_ body: (UInt32) -> Void) {
    guard !words.isEmpty else { return }
    for ring in 0..<Self.ringsCount {
      let head = head(of: ring)
      let end = head.isFull ? end(of: ring) : head.offset + head.cursor
      for index in head.offset..<end { body(words[index]) }
    }
  }

  /// Reads what `append` will write.
  @inline(__always)
  func touch(_ ring: Int) -> UInt32 {
    guard !words.isEmpty else { return 0 }
    let head = head(of: ring)
    let next = head.offset + head.cursor
    return next < words.count ? words[next] : 0
  }

  // MARK: Changing

  /// Adds a number that is newer than all of the ring. `slotsMax` is one more than the entries that
  /// a ring may have.
  @inline(__always)
  mutating func append(_ number: UInt32, to ring: Int, slotsMax: Int) {
    if words.isEmpty { begin() }
    var head = head(of: ring)
    if !head.isFull, head.offset + head.cursor == end(of: ring) {
      extend(ring, toHold: head.cursor + 1, slotsMax: slotsMax)
      head = self.head(of: ring)
    }
    var words = words.mutableSpan
    words[head.offset + head.cursor] = number
    head.advance(slotsMax: slotsMax)
    words[ring] = head.bits
  }

  /// Leaves nothing in the ring but a floor.
  mutating func cut(_ ring: Int, at floor: UInt32, slotsMax: Int) {
    if words.isEmpty { begin() }
    extend(ring, toHold: 1, slotsMax: slotsMax)
    let offset = head(of: ring).offset
    words[offset] = floor
    words[ring] = Head(offset: offset, count: 1, isFloored: true).bits
  }

  /// Puts these in the place of all that the ring holds.
  mutating func set(_ ring: Int, to numbers: [UInt32], isFloored: Bool, slotsMax: Int) {
    precondition(numbers.count <= slotsMax, "a ring holds no more than its slots")
    if words.isEmpty { begin() }
    extend(ring, toHold: numbers.count, slotsMax: slotsMax)
    words[ring] = Head(offset: head(of: ring).offset, count: 0, isFloored: isFloored).bits
    for number in numbers { append(number, to: ring, slotsMax: slotsMax) }
  }

  private mutating func begin() {
    let head = Head(offset: Self.ringsCount, count: 0, isFloored: false)
    words = Array(repeating: head.bits, count: Self.ringsCount)
  }

  /// Doubles the room of a ring until so many numbers fit. What is behind it moves.
  private mutating func extend(_ ring: Int, toHold count: Int, slotsMax: Int) {
    let end = end(of: ring)
    let room = end - head(of: ring).offset
    guard room < count else { return }
    var wanted = max(Self.slotsMin, 2 * room)
    while wanted < count { wanted *= 2 }
    // One short of the end would be doubled for the sake of one.
    let added = (wanted + 1 < slotsMax ? wanted : slotsMax) - room
    var larger: [UInt32] = []
    larger.reserveCapacity(words.count + added)
    larger += words[..<end]
    larger += repeatElement(0, count: added)
    larger += words[end...]
    words = larger
    for later in (ring + 1)..<Self.ringsCount {
      var head = head(of: later)
      head.move(to: head.offset + added)
      words[later] = head.bits
    }
  }
}
