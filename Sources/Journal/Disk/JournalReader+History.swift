package import Domain

/// A record, and under which idempotency key it was asked for.
package struct RequestedRecord: Sendable {
  package var record: Record
  /// BLAKE2b-128 of the idempotency key; nil if there was none.
  package var requestDigest: [UInt8]?

  package init(record: Record, requestDigest: [UInt8]?) {
    self.record = record
    self.requestDigest = requestDigest
  }
}

extension JournalReader {
  /// What the journal keeps of an idempotency key.
  package static func requestDigest(of key: [UInt8]) -> [UInt8] { RequestCodec.digest(of: key) }

  /// The records after a position, to the end of the block that holds the next one; none at the
  /// end of the journal.
  package func block(
    after position: Position
  ) throws(JournalError) -> [RequestedRecord] {
    let next = position.next
    guard let (first, bytes) = try log.disk.block(atOrBefore: next) else { return [] }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    guard next <= header.last else { return [] }
    var records: [RequestedRecord] = []
    records.reserveCapacity(header.count)
    try BlockDecoder.forEachRecord(in: bytes, header) { stored throws(JournalError) in
      guard stored.record.position >= next else { return }
      records.append(
        RequestedRecord(
          record: stored.record, requestDigest: stored.requestDigest.map { Array($0) }))
    }
    return records
  }

  /// The records at the first of some ascending positions and at those others that are in the same
  /// block; none beyond the end.
  package func requested(
    at positions: ArraySlice<Position>
  ) throws(JournalError) -> [RequestedRecord] {
    guard let position = positions.first, position > .zero else { return [] }
    let found = try log.disk.withBlock(atOrBefore: position) {
      first, bytes throws(JournalError) -> [RequestedRecord] in
      let header = try BlockDecoder.header(of: bytes, key: first)
      return try BlockDecoder.records(at: positions, in: bytes, header).map {
        RequestedRecord(record: $0.record, requestDigest: $0.requestDigest.map { Array($0) })
      }
    }
    return found ?? []
  }

  /// The link of the chain that covers the event at a position and everything before: no other
  /// journal has it. Nil where there is no such event.
  package func link(at position: Position) throws(JournalError) -> [UInt8]? {
    guard position > .zero else { return nil }
    let found = try log.disk.withBlock(atOrBefore: position) {
      first, bytes throws(JournalError) -> [UInt8]? in
      let header = try BlockDecoder.header(of: bytes, key: first)
      guard position <= header.last else { return nil }
      return Array(copying: bytes.extracting(last: BLAKE2b.length))
    }
    return found ?? nil
  }

  /// The newest event that had happened by a moment; zero if there is none. O(log events): times
  /// never go back.
  package func position(at moment: Instant) throws(JournalError) -> Position {
    var low: UInt64 = 0
    var high = try head().position.raw
    while low < high {
      let middle = high - (high - low) / 2
      guard let record = try record(at: Position(middle)) else {
        throw .damage(Position(middle), "its block is missing")
      }
      if record.time <= moment { low = middle } else { high = middle - 1 }
    }
    return Position(low)
  }
}
