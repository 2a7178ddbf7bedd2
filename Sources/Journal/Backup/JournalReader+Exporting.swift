package import Domain

/// An event with all that an export says of it.
package struct ExportedEvent: Sendable {
  package var record: Record
  /// Nil where there is no text.
  package var secret: SecretReading?
  package var request: ExportedRequest?
}

extension JournalReader {
  /// Calls `body` with every event up to a position, in order; holds one block.
  package func forEachExported(
    through end: Position, _ body: (ExportedEvent) throws -> Void
  ) throws {
    var next = Position(1)
    while next <= end {
      guard let (first, bytes) = try log.disk.block(atOrBefore: next), first == next.raw else {
        throw JournalError.damage(next, "its block is missing")
      }
      let header = try BlockDecoder.header(of: bytes.span, key: first)
      var events: [ExportedEvent] = []
      try BlockDecoder.forEachRecord(in: bytes, header) { stored throws(JournalError) in
        guard stored.record.position <= end else { return }
        events.append(try exported(stored, header))
      }
      for event in events { try body(event) }
      next = header.last.next
    }
  }

  private func exported(
    _ stored: RecordCodec.Stored, _ header: BlockHeader
  ) throws(JournalError) -> ExportedEvent {
    var event = ExportedEvent(record: stored.record)
    if stored.sealed != nil { event.secret = try log.open(stored, in: header) }
    if let digest = stored.requestDigest {
      let answer = try log.request(of: stored).map { entry throws(JournalError) in
        try RequestCodec.decode(entry.value, key: entry.key)
      }
      event.request = ExportedRequest(digest: Array(digest), answer: answer)
    }
    return event
  }

  /// Of the first event in the tree: what tells journals apart. Nil before there is one.
  package func identity() throws(JournalError) -> TreeHash? {
    guard let (first, bytes) = try log.disk.block(atOrBefore: Position(1)) else { return nil }
    let header = try BlockDecoder.header(of: bytes.span, key: first)
    let plain = try BlockPacking.plain(bytes, header)
    var leaf: TreeHash?
    try TreeHasher().forEachLeaf(of: plain.bytes.span, plain.header, count: 1) { leaf = $0 }
    return leaf
  }
}
