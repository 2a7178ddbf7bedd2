/// A key as it is stored: the key and a CRC-32 over user and key; of a destroyed one the CRC alone.
enum KeyCodec {
  static func encode(_ lookup: KeyLookup, of user: UInt64) -> [UInt8] {
    switch lookup {
    case .key(let key): key + checksum(user, key)
    case .destroyed: checksum(user, [])
    case .absent: []
    }
  }

  static func decode(_ value: [UInt8]?, of user: UInt64) throws(JournalError) -> KeyLookup {
    guard let value else { return .absent }
    guard value.count == 4 || value.count == Sealer.keyBytes + 4,
      checksum(user, Array(value.dropLast(4))).elementsEqual(value.suffix(4))
    else {
      throw .damaged(Finding("the key store", "the key of user \(user) does not fit its checksum"))
    }
    return value.count == 4 ? .destroyed : .key(Array(value.dropLast(4)))
  }

  private static func checksum(_ user: UInt64, _ key: [UInt8]) -> [UInt8] {
    littleEndianBytes(crc32Checksum(bigEndianBytes(user) + key))
  }
}
