internal import Domain
internal import Journal

/// Why a segment cannot be used: it is made anew.
struct SegmentDamage: Error, Hashable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The index of some consecutive events: immutable, in a file or in memory.
///
/// Memory: the directory, about 40 bytes for each 4 096 of the file.
struct Segment: Sendable {
  enum Source: Sendable {
    case file(HistoryFile)
    case memory([UInt8])
  }

  let footer: SegmentFooter
  private let source: Source
  /// The first term of each block, and where the blocks begin and the last one ends.
  private let blockTerms: [[UInt8]]
  private let blockStarts: [Int]

  var first: Position { footer.first }
  var last: Position { footer.last }
  var length: UInt64 { last.raw - first.raw + 1 }
  var isFile: Bool { if case .file = source { true } else { false } }
  /// In bytes.
  var size: Int { source.length }

  /// As the file of a segment is named: its first and its last position.
  static func name(_ first: Position, _ last: Position) -> String { "\(first)-\(last)" }

  /// Reads the footer and the directory, and checks them; not the blocks.
  init(_ source: Source) throws {
    let length = source.length
    let tail = try source.read(max(0, length - SegmentFooter.tailBytes)..<length)
    guard tail.count == SegmentFooter.tailBytes else { throw SegmentDamage("it is cut off") }
    let footerLength = Int(littleEndian(tail[4...]))
    let start = length - SegmentFooter.tailBytes - footerLength
    guard start >= 0 else { throw SegmentDamage("its footer cannot be found") }
    let bytes = try source.read(start..<(start + footerLength))
    guard crc32Checksum(bytes) == littleEndian(tail[..<4]) else {
      throw SegmentDamage("its footer does not fit its checksum")
    }
    do { footer = try SegmentFooter(bytes[...]) } catch {
      throw SegmentDamage("its footer cannot be read (\(error))")
    }
    guard footer.directory.upperBound == start else {
      throw SegmentDamage("its directory is not before its footer")
    }
    self.source = source
    let directory = try checked(try source.read(footer.directory), "its directory")
    var reader = VarintReader(directory)
    var terms: [[UInt8]] = []
    var starts = [0]
    while !reader.isAtEnd {
      guard let count = reader.next(), let term = reader.take(count), let size = reader.next(),
        size <= UInt64(footer.directory.lowerBound - starts[starts.count - 1])
      else { throw SegmentDamage("its directory cannot be read") }
      terms.append(Array(term))
      starts.append(starts[starts.count - 1] + Int(size))
    }
    guard starts[starts.count - 1] == footer.directory.lowerBound else {
      throw SegmentDamage("its directory does not name all of its blocks")
    }
    blockTerms = terms
    blockStarts = starts
  }

  /// The events under a term; nil if there are none. Reads one block. O(log blocks + block).
  func postings(of term: [UInt8]) throws -> Postings? {
    guard let block = block(of: term) else { return nil }
    var found: Postings?
    try forEachTerm(inBlock: block) { candidate, postings in
      if candidate == term { found = postings }
      return candidate.lexicographicallyPrecedes(term)
    }
    return found
  }

  /// Calls `body` with those of many terms, given in ascending order, that find something. Reads
  /// each block once.
  func forEachPostings(
    of terms: [[UInt8]], _ body: (_ term: [UInt8], _ postings: Postings) throws -> Void
  ) throws {
    var rest = terms[...]
    while let next = rest.first {
      guard let block = block(of: next) else {
        rest.removeFirst()
        continue
      }
      let end = block + 1 < blockTerms.count ? blockTerms[block + 1] : nil
      try forEachTerm(inBlock: block) { candidate, postings in
        while let term = rest.first, term.lexicographicallyPrecedes(candidate) {
          rest.removeFirst()
        }
        if rest.first == candidate {
          rest.removeFirst()
          try body(candidate, postings)
        }
        return !rest.isEmpty
      }
      // Beyond the block's last term, and in no other.
      while let term = rest.first, end.map({ term.lexicographicallyPrecedes($0) }) ?? true {
        rest.removeFirst()
      }
    }
  }

  /// The one block that a term may be in.
  private func block(of term: [UInt8]) -> Int? {
    var low = 0
    var high = blockTerms.count
    while low < high {
      let middle = (low + high) / 2
      if term.lexicographicallyPrecedes(blockTerms[middle]) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low > 0 ? low - 1 : nil
  }

  var blockCount: Int { blockTerms.count }

  /// The offsets of one term from the segment's first position, still encoded.
  struct Postings {
    let count: UInt64
    let deltas: ArraySlice<UInt8>

    /// Ascending.
    func offsets() throws -> [UInt32] {
      var reader = VarintReader(deltas)
      var offsets: [UInt32] = []
      offsets.reserveCapacity(Int(clamping: min(count, UInt64(deltas.count))))
      var last: UInt64 = 0
      for _ in 0..<count {
        guard let delta = reader.next(), delta <= UInt64(UInt32.max) - last else {
          throw SegmentDamage("its offsets cannot be read")
        }
        last += delta
        offsets.append(UInt32(last))
      }
      return offsets
    }
  }

  /// Calls `body` with the terms of a block, until it returns false.
  func forEachTerm(
    inBlock index: Int, _ body: (_ term: [UInt8], _ postings: Postings) throws -> Bool
  ) throws {
    let bytes = try source.read(blockStarts[index]..<blockStarts[index + 1])
    let block = try checked(bytes, "block \(index)")
    var reader = VarintReader(block)
    var term: [UInt8] = []
    while !reader.isAtEnd {
      guard let shared = reader.next(), shared <= UInt64(term.count), let rest = reader.next(),
        let suffix = reader.take(rest), let count = reader.next(), count > 0
      else { throw SegmentDamage("block \(index) cannot be read") }
      term.removeSubrange(Int(shared)...)
      term += suffix
      let postings: Postings
      if count == 1 {
        let start = reader.index
        _ = reader.next()
        postings = Postings(count: 1, deltas: block[start..<reader.index])
      } else {
        guard let size = reader.next(), let deltas = reader.take(size) else {
          throw SegmentDamage("block \(index) cannot be read")
        }
        postings = Postings(count: count, deltas: deltas)
      }
      guard try body(term, postings) else { return }
    }
  }
}

/// Walks through the terms of a segment, a block at a time: for merging.
struct SegmentTerms {
  private let segment: Segment
  private var block = 0
  private var buffer: ArraySlice<(term: [UInt8], postings: Segment.Postings)> = []

  init(_ segment: Segment) { self.segment = segment }

  mutating func next() throws -> (term: [UInt8], offsets: [UInt32])? {
    while buffer.isEmpty {
      guard block < segment.blockCount else { return nil }
      var terms: [(term: [UInt8], postings: Segment.Postings)] = []
      try segment.forEachTerm(inBlock: block) { term, postings in
        terms.append((term, postings))
        return true
      }
      buffer = terms[...]
      block += 1
    }
    guard let (term, postings) = buffer.popFirst() else { return nil }
    return (term, try postings.offsets())
  }
}

extension Segment.Source {
  var length: Int {
    switch self {
    case .file(let file): file.length
    case .memory(let bytes): bytes.count
    }
  }

  func read(_ range: Range<Int>) throws -> [UInt8] {
    switch self {
    case .file(let file):
      let bytes = try file.read(at: range.lowerBound, count: range.count)
      guard bytes.count == range.count else { throw SegmentDamage("it is cut off") }
      return bytes
    case .memory(let bytes): return Array(bytes[range])
    }
  }
}

/// The bytes before their CRC-32.
private func checked(_ bytes: [UInt8], _ what: String) throws -> ArraySlice<UInt8> {
  guard bytes.count >= 4, crc32Checksum(bytes.dropLast(4)) == littleEndian(bytes.suffix(4)) else {
    throw SegmentDamage("\(what) does not fit its checksum")
  }
  return bytes.dropLast(4)
}

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
}
