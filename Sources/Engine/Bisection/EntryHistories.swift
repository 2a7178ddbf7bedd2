internal import Domain
internal import Journal
internal import Projections

/// Follows single entries through the fold: where one stopped being what a snapshot says.
struct EntryHistories {
  /// Places of a stretch of the journal that are looked at; then the part where it happened is.
  private static let looksMax: UInt64 = 32
  /// A stretch of so many events is looked at after each of them.
  private static let everyEventMax: UInt64 = 2_048

  private let part: StatePart
  private let snapshot: SnapshotEntries
  private let reader: JournalReader
  private let report: ProgressReport?

  init(
    _ part: StatePart, _ snapshot: SnapshotEntries, _ reader: JournalReader,
    _ report: ProgressReport?
  ) {
    self.part = part
    self.snapshot = snapshot
    self.reader = reader
    self.report = report
  }

  /// One finding for each entry that is shown.
  func findings(_ comparison: EntryComparison) throws -> [Bisection.Finding] {
    let keys = [
      comparison.differing.first, comparison.differing.second, comparison.differing.changed,
    ].flatMap { $0.prefix(Bisection.entriesMax) }
    var said: [[UInt8]: [UInt8]] = [:]
    let wanted = Set(keys)
    try snapshot.forEachEntry(of: part) { key, value in
      if wanted.contains(key) { said[key] = value }
    }
    return try zip(keys, comparison.shown).map { key, entry in
      report?(
        Progress(
          title: "following \(entry.key)", done: 0, total: snapshot.position.raw, unit: "records"))
      var finding = try finding(of: key, said: said[key])
      finding.key = entry.key
      return finding
    }
  }

  /// Where, at the last, the fold had the entry as `said`, and the event after which it had not;
  /// or, if it never had, the last event that changed it.
  private func finding(of key: [UInt8], said: [UInt8]?) throws -> Bisection.Finding {
    if let position = try boundary(of: key, where: { $0 == said }) {
      return Bisection.Finding(part: part, position: position, verdict: .stopped)
    }
    var state = FoldedEntries(of: [part])
    try state.run(reader, through: snapshot.position)
    let folded = try value(of: key, in: state)
    return Bisection.Finding(
      part: part, position: try boundary(of: key, where: { $0 != folded }), verdict: .never)
  }

  /// The event after the last place where `holds` was true of the entry's value; nil if it was true
  /// at no place that was looked at. Short stretches are looked at event by event.
  private func boundary(
    of key: [UInt8], where holds: ([UInt8]?) -> Bool
  ) throws -> Position? {
    var low = FoldedEntries(of: [part])
    var high = snapshot.position.raw
    var isFound = holds(nil)
    while high - low.position.raw > 1 {
      let span = high - low.position.raw
      let step =
        span <= Self.everyEventMax ? 1 : (span + Self.looksMax - 1) / Self.looksMax
      var state = low
      var last: FoldedEntries?
      // The first place since the last at which it held where it does not.
      var next = high
      for look in stride(from: low.position.raw + step, to: high, by: Int(step)) {
        try state.run(reader, through: Position(look))
        if holds(try value(of: key, in: state)) {
          last = state
          next = high
        } else {
          next = min(next, look)
        }
      }
      if let last {
        low = last
        isFound = true
      }
      guard isFound else { return nil }
      high = next
    }
    return isFound ? Position(high) : nil
  }

  private func value(of key: [UInt8], in state: FoldedEntries) throws -> [UInt8]? {
    var found: [UInt8]?
    try state.forEachEntry(of: part) { if $0 == key { found = $1 } }
    return found
  }
}
