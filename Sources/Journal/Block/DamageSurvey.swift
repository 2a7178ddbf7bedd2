package import Domain

/// What can still be read where something is wrong: the events of the block that holds a bad
/// position, each if its own checksum fits, or that of the packed block.
package struct DamageSurvey: Sendable {
  /// The positions that the damage concerns: those of the block, or those that are missing.
  package private(set) var extent: ClosedRange<Position>
  package private(set) var records: [Record] = []
  package private(set) var unreadable: [Position] = []

  /// Nil for a position beyond the end.
  package init?(_ reader: JournalReader, at position: Position) throws(JournalError) {
    let disk = reader.log.disk
    let found = try disk.block(atOrBefore: position)
    if let (first, bytes) = found, let header = try? BlockHeader.read(bytes),
      header.first.raw == first, header.last >= position
    {
      extent = header.first...header.last
      read(bytes, header)
      return
    }
    guard let next = try Self.firstBlock(after: position, disk) else { return nil }
    // Of a block whose head cannot be read, or of none at all.
    let start = if let found, found.first == position.raw { found.first } else { position.raw }
    extent = Position(start)...Position(next - 1)
    unreadable = (start...min(next - 1, start + UInt64(Self.listedMax) - 1)).map { Position($0) }
  }

  /// Unreadable positions named one by one where a whole block is gone.
  private static let listedMax = 16

  /// Of a packed block all or nothing: its open part is compressed as a whole.
  private mutating func read(_ bytes: [UInt8], _ header: BlockHeader) {
    guard let (bytes, header) = try? BlockPacking.plain(bytes, header) else {
      unreadable += (header.first.raw...header.last.raw).map { Position($0) }
      return
    }
    var decoder = CBORDecoder(bytes[header.body])
    for raw in header.first.raw...header.last.raw {
      guard let stored = try? decoder.bytes() else {
        unreadable += (raw...header.last.raw).map { Position($0) }
        return
      }
      if let record = try? BlockDecoder.record(stored, Position(raw), header.baseTime) {
        records.append(record)
      } else {
        unreadable.append(Position(raw))
      }
    }
  }

  /// Where the first block after a position begins: searched by doubling, then by halving.
  private static func firstBlock(
    after position: Position, _ disk: any JournalDisk
  ) throws(JournalError) -> UInt64? {
    func isThere(_ step: UInt64) throws(JournalError) -> Bool {
      let (target, overflows) = position.raw.addingReportingOverflow(step)
      let found = try disk.withBlock(
        atOrBefore: Position(overflows ? .max : target)
      ) { first, _ in first }
      return (found ?? 0) > position.raw
    }
    guard try isThere(.max) else { return nil }
    var high: UInt64 = 1
    while try !isThere(high) { high *= 2 }
    var low = high / 2
    while low + 1 < high {
      let middle = (low + high) / 2
      if try isThere(middle) { high = middle } else { low = middle }
    }
    return position.raw + high
  }
}
