package import Domain
package import Journal

/// What concerns one person's part of the whole journal, off the shards' threads and one thing at a
/// time: reading it out, and destroying the key that opens it.
package actor Archivist {
  /// Records looked at for one part of an export; past that it is short.
  package static let recordsScannedMax = 1 << 18
  /// Records read at once.
  private static let sliceRecordsMax = 1_024

  private let journal: Journal
  private let executor: any SerialExecutor

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(journal: Journal, executor: any SerialExecutor) {
    self.journal = journal
    self.executor = executor
  }

  /// Some of what one person did.
  package struct Events: Sendable {
    /// As `RecordJSON.line` gives them, without hashes of passwords and tokens.
    package var lines: [String] = []
    /// Of `lines`, as `JSONSize` counts, commas included.
    package var bytes = 0
    /// The last position looked at.
    package var through: Position
    /// Whether that is the last one of the journal.
    package var isEnd = false
  }

  /// The events whose actor is this person, from after a position on, with their text opened; as
  /// many as fit into `bytesMax`, but at least one.
  package func events(
    by actor: UserID, after position: Position, bytesMax: Int,
    scannedMax: Int = recordsScannedMax
  ) throws(JournalError) -> Events {
    var events = Events(through: position)
    var cursor = journal.cursor(after: position)
    var scanned = 0
    while scanned < scannedMax {
      let records = try cursor.next(max: min(Self.sliceRecordsMax, scannedMax - scanned))
      if records.isEmpty {
        events.isEnd = true
        return events
      }
      scanned += records.count
      for record in records {
        if record.actor == actor {
          let line = try line(of: record)
          let bytes = JSONSize.bytes(of: line) + 1
          if !events.lines.isEmpty, events.bytes + bytes > bytesMax { return events }
          events.lines.append(line)
          events.bytes += bytes
        }
        events.through = record.position
      }
    }
    events.isEnd = events.through >= journal.durable
    return events
  }

  /// The events from a position on, whoever's, as many as fit into both bounds, but at least one
  /// where there is one. What was sealed is left out, and so are hashes of passwords and tokens.
  package func lines(
    from first: Position, countMax: Int, bytesMax: Int
  ) throws(JournalError) -> [String] {
    var lines: [String] = []
    var bytes = 0
    var cursor = journal.cursor(after: Position(max(first.raw, 1) - 1))
    while lines.count < countMax {
      let records = try cursor.next(max: min(Self.sliceRecordsMax, countMax - lines.count))
      if records.isEmpty { return lines }
      for record in records {
        let line = RecordJSON.line(record, secret: nil, hashes: false)
        bytes += JSONSize.bytes(of: line) + 1
        if !lines.isEmpty, bytes > bytesMax { return lines }
        lines.append(line)
      }
    }
    return lines
  }

  private func line(of record: Record) throws(JournalError) -> String {
    let secret =
      record.hasSecret
      ? try journal.secret(at: record.position, by: record.actor) : nil
    return RecordJSON.line(record, secret: secret, hashes: false)
  }

  /// Erases everything that a person's key has sealed; see `Journal.destroyKey`.
  package func destroyKey(of user: UserID) throws(JournalError) {
    try journal.destroyKey(of: user)
  }
}

/// What JSON text takes on the wire: as it is, or inside a string of a line's reply.
package enum JSONSize {
  /// Quotes and backslashes count twice: a line's reply escapes them.
  package static func bytes(of json: String) -> Int {
    json.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "\"") || $1 == UInt8(ascii: "\\") ? 2 : 1) }
  }
}
