package import Domain

/// Reads durable records in order, from a position on: the one read path of folds.
///
/// Catching up and following are the same calls. Checks that every record is the last one's
/// successor. Holds at most one block's or one commit's records.
package struct JournalCursor: Sendable {
  private let log: CommittedLog
  /// The last record that was handed out.
  package private(set) var position: Position
  private var buffer: ArraySlice<Record> = []

  init(_ log: CommittedLog, after position: Position) {
    self.log = log
    self.position = position
  }

  /// Up to `max` records that follow; empty when there are none yet.
  package mutating func next(max: Int = 4_096) throws(JournalError) -> [Record] {
    precondition(max > 0, "a cursor is asked for at least one record")
    if buffer.isEmpty { buffer = try log.records(after: position) }
    guard let first = buffer.first else { return [] }
    guard first.position == position.next else {
      throw .damage(position.next, "the next record found is \(first.position)")
    }
    let taken = Array(buffer.prefix(max))
    buffer = buffer.count > max ? buffer.dropFirst(max) : []
    position = taken[taken.count - 1].position
    guard position.raw - first.position.raw == UInt64(taken.count - 1) else {
      throw .damage(first.position, "positions after it are not dense")
    }
    return taken
  }
}
