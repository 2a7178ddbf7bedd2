package import Domain
package import Journal

/// Events that are under one of the terms of each group, within a range of positions.
package struct HistoryQuery: Sendable {
  package var groups: [[HistoryTerm]]
  /// Both included.
  package var from: Position
  package var through: Position

  package init(
    _ groups: [[HistoryTerm]], from: Position = Position(1), through: Position = Position(.max)
  ) {
    self.groups = groups
    self.from = from
    self.through = through
  }
}

extension HistoryIndex {
  /// A list so many times longer than what is left is not intersected: looking at the records is
  /// cheaper. Whoever asks checks them anyway.
  private static let intersectedTimesMax: UInt64 = 64

  private static let positionsAtOnce = 65_536

  /// Calls `body` with ascending positions, many at a time, until it returns false: those
  /// that the groups have in common, and perhaps some more.
  func forEachPositions(
    of query: HistoryQuery, _ body: (_ positions: [Position]) throws -> Bool
  ) throws {
    let groups = query.groups.map { $0.map(\.bytes) }
    for index in segments.indices {
      let segment = segments[index]
      guard segment.last >= query.from else { continue }
      if segment.first > query.through { return }
      let offsets = try offsets(of: groups, in: index)
      var rest = offsets[...]
      while !rest.isEmpty {
        let positions = rest.prefix(Self.positionsAtOnce).lazy
          .map { Position(segment.first.raw + UInt64($0)) }
          .filter { $0 >= query.from && $0 <= query.through }
        rest = rest.dropFirst(Self.positionsAtOnce)
        if positions.isEmpty { continue }
        guard try body(Array(positions)) else { return }
      }
    }
  }

  /// All of them; for what is known to be few, or to be needed together.
  func positions(of query: HistoryQuery) throws -> [Position] {
    var all: [Position] = []
    try forEachPositions(of: query) { positions in
      all += positions
      return true
    }
    return all
  }

  /// Up to a position, everything under any of many terms, in no order. Where many are near each
  /// other this costs little more than where there is one.
  func positions(underAnyOf terms: [HistoryTerm], through end: Position) throws -> [Position] {
    let sorted = terms.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
    var all: [Position] = []
    for index in segments.indices where segments[index].first <= end {
      let first = segments[index].first
      all += try inspect(index) { segment in
        var found: [Position] = []
        try segment.forEachPostings(of: sorted) { _, postings in
          for offset in try postings.offsets() {
            found.append(Position(first.raw + UInt64(offset)))
          }
        }
        return found
      }
    }
    return all.filter { $0 <= end }
  }

  private func offsets(of groups: [[[UInt8]]], in index: Int) throws -> [UInt32] {
    guard !groups.isEmpty else { return Array(0..<UInt32(segments[index].length)) }
    return try inspect(index) { segment in
      var lists: [(count: UInt64, parts: [Segment.Postings])] = []
      for group in groups {
        let parts = try group.compactMap { try segment.postings(of: $0) }
        if parts.isEmpty { return [] }
        lists.append((parts.reduce(0) { $0 + $1.count }, parts))
      }
      lists.sort { $0.count < $1.count }
      var common = try Self.union(lists[0].parts)
      for list in lists.dropFirst()
      where list.count / Self.intersectedTimesMax <= UInt64(common.count) {
        common = Self.intersection(common, try Self.union(list.parts))
      }
      return common
    }
  }

  private static func union(_ parts: [Segment.Postings]) throws -> [UInt32] {
    try parts.reduce([]) { union($0, try $1.offsets()) }
  }

  static func union(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    if a.isEmpty { return b }
    if b.isEmpty { return a }
    var union: [UInt32] = []
    union.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      union.append(min(a[i], b[j]))
      let (one, other) = (a[i], b[j])
      if one <= other { i += 1 }
      if other <= one { j += 1 }
    }
    return union + a[i...] + b[j...]
  }

  static func intersection(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var common: [UInt32] = []
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      let (one, other) = (a[i], b[j])
      if one == other { common.append(one) }
      if one <= other { i += 1 }
      if other <= one { j += 1 }
    }
    return common
  }

  /// Calls `body` with the records under a query, in order, until it returns false. Whether they
  /// are under all groups is not checked again.
  package func forEachRecord(
    of query: HistoryQuery, _ body: (RequestedRecord) throws -> Bool
  ) throws {
    try forEachPositions(of: query) { try reader.forEachRecord(at: $0, body) }
  }
}

extension JournalReader {
  /// Calls `body` with the records at some ascending positions, until it returns false. Those in
  /// one block are read together.
  func forEachRecord(
    at positions: [Position], _ body: (RequestedRecord) throws -> Bool
  ) throws -> Bool {
    var rest = positions[...]
    while let position = rest.first {
      let records = try requested(at: rest)
      guard !records.isEmpty else {
        throw JournalError.damaged(Finding("the journal", at: position, "its block is missing"))
      }
      for record in records {
        guard try body(record) else { return false }
      }
      rest = rest.dropFirst(records.count)
    }
    return true
  }
}
