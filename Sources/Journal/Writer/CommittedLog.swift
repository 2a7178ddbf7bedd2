internal import Domain
internal import Synchronization

/// The reading side of a journal: what is committed, from memory where it is recent.
final class CommittedLog: Sendable {
  let disk: any JournalDisk
  let keys: any KeyStore
  /// Nil beside a running writer: then every read asks the disk.
  let tail: JournalTail?
  /// The newest position that may be read; without a tail, whatever the disk holds.
  let durable: Atomic<UInt64>

  init(
    disk: any JournalDisk, keys: any KeyStore, tail: JournalTail?, durable: Position?
  ) {
    self.disk = disk
    self.keys = keys
    self.tail = tail
    self.durable = Atomic(durable?.raw ?? .max)
  }

  /// Some records that follow a position, at least one unless there is none.
  func records(after position: Position) throws(JournalError) -> ArraySlice<Record> {
    let end = durable.load(ordering: .acquiring)
    guard position.raw < end else { return [] }
    if let recent = tail?.records(after: position) { return recent }
    let next = position.next
    guard let (first, bytes) = try disk.block(atOrBefore: next) else {
      try checkNothing(after: position)
      return []
    }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    guard next <= header.last else {
      try checkNothing(after: position)
      return []
    }
    let records = try BlockDecoder.records(in: bytes, header)
    let following = records[Int(next.raw - header.first.raw)...]
    // Only what is read as it was ends within a block.
    return header.last.raw <= end ? following : following.prefix(Int(end - position.raw))
  }

  /// Where reading ends, nothing may follow: otherwise a block is missing.
  private func checkNothing(after position: Position) throws(JournalError) {
    let last = try disk.withBlock(atOrBefore: Position(.max)) { first, _ in first }
    guard tail != nil || (last ?? 0) > position.raw else { return }
    // Beside a writer, the block may have arrived between the two looks.
    let found = try disk.withBlock(atOrBefore: position.next) { first, bytes throws(JournalError) in
      try BlockDecoder.header(of: bytes, key: first).last >= position.next
    }
    guard found != true else { return }
    throw .damage(position.next, "its block is missing")
  }

  func record(at position: Position) throws(JournalError) -> Record? {
    guard position <= Position(durable.load(ordering: .acquiring)) else { return nil }
    return try stored(at: position)?.stored.record
  }

  /// With `author`, who most likely wrote it, the text of a packed block is unsealed without
  /// unpacking the rest. Whether that is true the seal tells, which is for position and author.
  func secret(
    at position: Position, by author: UserID? = nil
  ) throws(JournalError) -> SecretReading {
    if let author, let secret = try packedSecret(at: position, by: author) { return .text(secret) }
    guard let (header, stored) = try stored(at: position) else {
      throw .damage(position, "its block is missing")
    }
    return try open(stored, in: header)
  }

  /// Nil unless it is there and opens: then what is wrong, if anything, is told by the whole way.
  private func packedSecret(
    at position: Position, by author: UserID
  ) throws(JournalError) -> Secret? {
    guard position > .zero else { return nil }
    let found = try disk.withBlock(atOrBefore: position) {
      first, bytes throws(JournalError) -> (sealed: [UInt8], nonce: [UInt8])? in
      let header = try BlockDecoder.header(of: bytes, key: first)
      guard let packed = header.packed, position <= header.last, !header.salt.isEmpty
      else { return nil }
      let index = Int(position.raw - header.first.raw)
      guard let sealed = PackedTexts.find(index, in: bytes, packed) else { return nil }
      return (sealed, Sealer.nonce(salt: header.salt, index: index))
    }
    guard let text = found ?? nil, case .key(let key) = try keys.key(of: author) else { return nil }
    return Sealer(key: key, position: position, actor: author)
      .open(text.sealed[...], nonce: text.nonce)
  }

  /// Unseals what belongs to a record of a block.
  func open(
    _ stored: RecordCodec.Stored, in header: BlockHeader
  ) throws(JournalError) -> SecretReading {
    guard let sealed = stored.sealed else { return .none }
    let position = stored.record.position
    switch try keys.key(of: stored.record.actor) {
    case .absent, .destroyed:
      return .erased
    case .key(let key):
      guard !header.salt.isEmpty else { throw .damage(position, "its block has no salt") }
      let index = Int(position.raw - header.first.raw)
      let nonce = Sealer.nonce(salt: header.salt, index: index)
      let sealer = Sealer(key: key, position: position, actor: stored.record.actor)
      guard let secret = sealer.open(sealed, nonce: nonce) else {
        throw .otherKey(position, author: stored.record.actor)
      }
      return .text(secret)
    }
  }

  /// Nil where there is no event.
  func stored(
    at position: Position
  ) throws(JournalError) -> (header: BlockHeader, stored: RecordCodec.Stored)? {
    guard position > .zero else { return nil }
    let found = try disk.withBlock(atOrBefore: position) {
      first, bytes throws(JournalError) -> (BlockHeader, RecordCodec.Stored)? in
      let header = try BlockDecoder.header(of: bytes, key: first)
      guard position <= header.last else { return nil }
      return (header, try BlockDecoder.record(at: position, in: bytes, header))
    }
    return found ?? nil
  }
}
