internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Folds single entities anew, each time with one event lost or taken twice, and sees which gives
/// what a snapshot holds. An entity numbers its own events, so it is those of others that can go
/// wrong unnoticed.
struct EntityTrials {
  /// Events of one entity that are tried, the newest of them; costs their number squared in folds.
  static let eventsMax = 2_048

  private let part: StatePart
  private let keys: [(key: EntityKey, text: String)]
  private var histories: [EntityKey: [Step]] = [:]
  private var said: [EntityKey: [UInt8]] = [:]

  /// An event as an entity takes it: its own, or one that concerns it, or both.
  private struct Step {
    var record: Record
    var isOwn: Bool
    var isObserved: Bool
  }

  init(
    _ comparison: EntryComparison, _ part: StatePart, _ snapshot: SnapshotEntries,
    _ reader: JournalReader
  ) throws {
    self.part = part
    let encoded = [
      comparison.differing.first, comparison.differing.second, comparison.differing.changed,
    ].flatMap { $0.prefix(Bisection.entriesMax) }
    keys = try zip(encoded, comparison.shown).map {
      (try EntityEntry.readKey($0[...]), $1.key)
    }
    let wanted = Set(keys.map(\.key))
    var stands: [EntityKey: EntityStand] = [:]
    try snapshot.forEachEntity { [part] other, key, stand, state in
      guard other == part else { return }
      let key = try EntityEntry.readKey(key[...])
      if wanted.contains(key) { (said[key], stands[key]) = (state, stand) }
    }
    let end = snapshot.position
    var cursor = reader.cursor(after: .zero)
    while cursor.position < snapshot.through {
      let records = try cursor.next()
      if records.isEmpty { break }
      for record in records {
        let isOwn =
          wanted.contains(record.entity)
          && record.position <= max(end, stands[record.entity]?.own ?? .zero)
        if isOwn {
          histories[record.entity, default: []]
            .append(Step(record: record, isOwn: true, isObserved: false))
        }
        forEachRecipient(of: record) { key in
          guard wanted.contains(key),
            record.position <= max(end, stands[key]?.observed ?? .zero)
          else { return }
          if isOwn, key == record.entity {
            let last = (histories[key]?.count ?? 1) - 1
            histories[key]?[last].isObserved = true
          } else {
            histories[key, default: []]
              .append(Step(record: record, isOwn: false, isObserved: true))
          }
        }
      }
    }
  }

  /// One finding for each entity that is looked at.
  func findings() throws -> [Bisection.Finding] {
    try keys.map { key, text in
      var finding =
        switch key {
        case .user: try finding(UserState.self, key)
        case .post: try finding(PostState.self, key)
        case .chat: try finding(ChatState.self, key)
        case .tag: try finding(TagState.self, key)
        }
      finding.key = text
      return finding
    }
  }

  private func finding<State: StateCoding>(
    _: State.Type, _ key: EntityKey
  ) throws -> Bisection.Finding {
    let steps = histories[key] ?? []
    let said = said[key]
    var state = State(key: key)
    var found: [(position: Position, fault: FoldFault)] = []
    var stopped: Position?
    var changed: Position?
    var before = encoded(state, key)
    for (index, step) in steps.enumerated() {
      if step.isObserved, index >= steps.count - Self.eventsMax {
        for fault in FoldFault.allCases {
          var trial = state
          if step.isOwn { trial.apply(step.record) }
          switch fault {
          case .lost: break
          case .twice: for _ in 0..<2 { trial.observe(step.record) }
          }
          for other in steps[(index + 1)...] { Self.take(other, &trial) }
          if encoded(trial, key) == said { found.append((step.record.position, fault)) }
        }
      }
      Self.take(step, &state)
      let after = encoded(state, key)
      if after != before { changed = step.record.position }
      if before == said, after != said { stopped = step.record.position }
      before = after
    }
    if let first = found.first {
      return Bisection.Finding(
        part: part, position: first.position, verdict: .fault(first.fault),
        alike: found.dropFirst().filter { $0.fault == first.fault }.map(\.position))
    }
    if let stopped { return Bisection.Finding(part: part, position: stopped, verdict: .stopped) }
    return Bisection.Finding(part: part, position: changed, verdict: .never)
  }

  private static func take<State: StateCoding>(_ step: Step, _ state: inout State) {
    if step.isOwn { state.apply(step.record) }
    if step.isObserved { state.observe(step.record) }
  }

  /// Nil for an entity that is not there.
  private func encoded<State: StateCoding>(_ state: State, _ key: EntityKey) -> [UInt8]? {
    if state.isBlank(key) { return nil }
    var encoder = CBOREncoder()
    state.encode(into: &encoder)
    return encoder.bytes
  }
}
