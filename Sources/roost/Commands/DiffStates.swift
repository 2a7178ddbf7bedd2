internal import Domain
internal import Engine
internal import Journal

/// What stands on one side of a comparison, as it was named.
enum DiffSide {
  case moment(Refold.Limit)
  case snapshot(Position)
  case file(String)

  init(_ text: String) throws {
    if text.hasPrefix("snapshot:") {
      guard let position = UInt64(text.dropFirst("snapshot:".count)) else {
        throw UsageError("'\(text)' names no snapshot; write snapshot:1200")
      }
      self = .snapshot(Position(position))
    } else if let limit = try? Refold.Limit(text: text) {
      self = .moment(limit)
    } else if FileSizes.exists(text) {
      self = .file(text)
    } else {
      throw UsageError(
        "'\(text)' is neither a position, a time, snapshot:POSITION nor a file that is there")
    }
  }

  var isFile: Bool {
    switch self {
    case .moment, .snapshot: false
    case .file: true
    }
  }
}

/// Reads the two sides: positions in one pass over the journal.
enum DiffStates {
  static func read(
    _ sides: [DiffSide], _ parts: [StatePart], _ directory: String?,
    _ report: @escaping ProgressReport
  ) throws -> [EntryComparison.Side] {
    let reader = try directory.map { try JournalReader(directory: $0) }
    var states: [Int: EntryComparison.Side] = [:]
    var snapshots: [Int: SnapshotEntries] = [:]
    var positions: [(index: Int, position: Position)] = []
    for (index, side) in sides.enumerated() {
      switch side {
      case .file(let path): states[index] = .file(EntryFile(path: path))
      case .snapshot(let position):
        guard let directory else { continue }
        let entries = try SnapshotEntries(path: path(of: position, in: directory))
        snapshots[index] = entries
        states[index] = .state(entries)
      case .moment(let limit):
        guard let reader else { continue }
        positions.append((index, try PastMoment(limit, in: reader).position))
      }
    }
    guard let reader else { return [0, 1].compactMap { states[$0] } }
    var fold = FoldedEntries(of: parts)
    for (index, position) in positions.sorted(by: { $0.position < $1.position }) {
      try fold.run(reader, through: position, report: report)
      var state = fold
      if let other = snapshots[1 - index], other.position == position {
        try state.stand(as: other, in: reader)
      }
      states[index] = .state(state)
    }
    return [0, 1].compactMap { states[$0] }
  }

  static func path(of position: Position, in directory: String) throws -> String {
    guard FileSizes.exists(directory + "/snapshots"),
      let item = try SnapshotStore(directory: directory).list().first(where: {
        $0.position == position
      })
    else { throw EntriesError("there is no snapshot at position \(position)") }
    return item.path
  }
}
