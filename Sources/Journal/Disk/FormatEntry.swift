internal import Domain

/// What the journal says about itself under `format` in the table `meta`: CRC-32 of the CBOR, then
/// CBOR [format version, created].
struct FormatEntry: Equatable {
  static let key = Array("format".utf8)

  var version: UInt64
  var created: Instant

  init(version: UInt64 = JournalFormat.version, created: Instant) {
    self.version = version
    self.created = created
  }

  /// Nil is what a disk without the entry has.
  init(_ value: [UInt8]?) throws(JournalError) {
    guard let value, value.count > 4,
      littleEndianBytes(crc32Checksum(value.dropFirst(4))).elementsEqual(value.prefix(4))
    else { throw .damage(nil, "its format entry is missing or does not fit its checksum") }
    do throws(CBORError) {
      var decoder = CBORDecoder(value.dropFirst(4))
      guard try decoder.array() == 2 else { throw .invalidValue }
      version = try decoder.uint()
      created = Instant(ms: try decoder.int())
      try decoder.finish()
    } catch {
      throw .damage(nil, "its format entry cannot be read (\(error))")
    }
  }

  var bytes: [UInt8] {
    var encoder = CBOREncoder()
    encoder.array(2)
    encoder.uint(version)
    encoder.int(created.ms)
    return littleEndianBytes(crc32Checksum(encoder.bytes)) + encoder.bytes
  }

  /// What a disk has; nil if it is one that keeps none, as simulation's.
  static func of(_ disk: any JournalDisk) throws(JournalError) -> FormatEntry? {
    guard let value = try disk.metaEntry(key) else { return nil }
    return try FormatEntry(value)
  }
}
