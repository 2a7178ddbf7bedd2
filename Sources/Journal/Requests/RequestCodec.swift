internal import Domain

/// Requests in the table `requests`: day ‖ user ‖ digest of the key, to CRC-32 ‖ CBOR.
///
/// The day comes first, so that what is outdated lies at the beginning and goes in one sweep.
enum RequestCodec {
  static let dayMs: Int64 = 86_400_000
  /// Today and so many days before are looked up and kept: at least 48 hours.
  static let daysKept: Int64 = 2
  static let keyBytes = 28

  static func day(of time: Instant) -> Int64 { max(0, time.ms / dayMs) }

  static func digest(of key: [UInt8]) -> [UInt8] { blake2b128(key) }

  static func key(day: Int64, user: UserID, digest: [UInt8]) -> [UInt8] {
    bigEndianBytes(UInt32(truncatingIfNeeded: day)) + bigEndianBytes(user.raw) + digest
  }

  /// Where days that nobody looks up any more end.
  static func outdatedBefore(_ time: Instant) -> [UInt8] {
    bigEndianBytes(UInt32(truncatingIfNeeded: max(0, day(of: time) - daysKept)))
  }

  static func encode(_ request: StoredRequest, key: [UInt8]) -> [UInt8] {
    var encoder = CBOREncoder()
    encoder.array(4)
    encoder.uint(request.position.raw)
    encoder.int(request.time.ms)
    encoder.bytes(request.argumentsDigest)
    OutcomeCodec.encode(request.outcome, into: &encoder)
    return checksum(key, encoder.bytes) + encoder.bytes
  }

  static func decode(_ value: [UInt8], key: [UInt8]) throws(JournalError) -> StoredRequest {
    guard key.count == keyBytes, value.count > 4,
      checksum(key, Array(value.dropFirst(4))).elementsEqual(value.prefix(4))
    else { throw .damaged(Finding("the journal", "a stored request's checksum does not fit")) }
    do throws(CBORError) {
      var decoder = CBORDecoder(value.dropFirst(4))
      guard try decoder.array() == 4 else { throw .invalidValue }
      let position = Position(try decoder.uint())
      let time = Instant(ms: try decoder.int())
      let digest = Array(try decoder.bytes())
      let outcome = try OutcomeCodec.decode(&decoder)
      try decoder.finish()
      return StoredRequest(
        position: position, argumentsDigest: digest, outcome: outcome, time: time)
    } catch {
      throw .damaged(Finding("the journal", "a stored request cannot be read (\(error))"))
    }
  }

  /// The user in a key of the table.
  static func user(of key: [UInt8]) -> UserID {
    UserID(key[4..<12].reduce(0) { $0 << 8 | UInt64($1) })
  }

  private static func checksum(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
    littleEndianBytes(crc32Checksum(key + value))
  }
}

func littleEndianBytes(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}
