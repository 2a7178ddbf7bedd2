/// From which day on the journal has the answer of every request, under `answers` in the table
/// `meta`: CRC-32 of the CBOR, then CBOR [days since 1970].
///
/// Only in a journal that was restored to an earlier moment or imported: answers are kept for some
/// days, and were gone by the time of the backup or the export. Absent: of every day that is kept.
struct AnswersEntry: Equatable {
  static let key = Array("answers".utf8)

  var firstDay: Int64

  init(firstDay: Int64) { self.firstDay = firstDay }

  init(_ value: [UInt8]) throws(JournalError) {
    guard value.count > 4,
      littleEndianBytes(crc32Checksum(value.dropFirst(4))).elementsEqual(value.prefix(4))
    else { throw .damage(nil, "its entry of answers does not fit its checksum") }
    do throws(CBORError) {
      var decoder = CBORDecoder(value.dropFirst(4))
      guard try decoder.array() == 1 else { throw .invalidValue }
      firstDay = try decoder.int()
      try decoder.finish()
    } catch {
      throw .damage(nil, "its entry of answers cannot be read (\(error))")
    }
  }

  var bytes: [UInt8] {
    var encoder = CBOREncoder()
    encoder.array(1)
    encoder.int(firstDay)
    return littleEndianBytes(crc32Checksum(encoder.bytes)) + encoder.bytes
  }

  /// Nil where there is none.
  static func of(_ disk: any JournalDisk) throws(JournalError) -> AnswersEntry? {
    guard let value = try disk.metaEntry(key) else { return nil }
    return try AnswersEntry(value)
  }
}
