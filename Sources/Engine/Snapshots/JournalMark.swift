internal import Domain
internal import Journal

/// Tells a journal from others: the record at a snapshot's position; and how far what is in the
/// snapshot reaches beyond that.
struct JournalMark: Equatable {
  static let key = Array("mark".utf8)

  var through: Position
  /// BLAKE2b-256 of the record, without what was sealed, in the version that spells its fields out:
  /// so the mark in a snapshot stays true when events are written in another. Empty before the
  /// first.
  var hash: [UInt8]

  init(of journal: some RecordSource, at position: Position, through: Position) throws(JournalError)
  {
    self.through = through
    if position == .zero {
      hash = []
    } else if let record = try journal.record(at: position) {
      let version = EventType.spelledOutVersion(of: record.event)
      hash = blake2b256(Array(RecordJSON.line(record, secret: nil, version: version).utf8))
    } else {
      hash = []
    }
  }

  init(_ bytes: [UInt8]) throws(CBORError) {
    var decoder = CBORDecoder(bytes)
    try decoder.array(of: 2)
    through = try decoder.position()
    hash = Array(try decoder.bytes())
    try decoder.finish()
  }

  var bytes: [UInt8] {
    var encoder = CBOREncoder()
    encoder.array(2)
    encoder.position(through)
    encoder.bytes(hash)
    return encoder.bytes
  }
}
