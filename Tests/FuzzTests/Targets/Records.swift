import Domain

@testable import Journal

extension FuzzTarget {
  /// A record as a block holds it: what is accepted is written again as the same bytes, or, if its
  /// version is written no more, as the newest version that says the same; and its line of JSON is
  /// read as the same record.
  static let records = FuzzTarget(
    name: "records",
    words: [
      [0xF6], [0xF5], [0x1B, 0xFF], [0x3B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ],
    seeds: { try Golden.records().map { [0, 0, 0, 0, 0, 0, 3, 0xE8] + $0 } },
    run: { input in
      var source = ByteSource(input)
      let base = Instant(ms: source.number())
      let bytes = source.rest
      guard
        let stored = try? RecordCodec.decode(bytes, position: Position(7), baseTime: base)
      else { return }
      var decoder = CBORDecoder(bytes)
      guard let head = try? RecordCodec.Head(&decoder, base) else {
        fatalError("an accepted record has no head")
      }
      checkEncoding(stored, base, bytes, isOlder: head.type.olderVersions.contains(head.version))
      // Of other times nothing is exported: an engine's clock is not set to them.
      if stored.record.time.ms.magnitude <= UInt64(RecordLine.timeMsMax) {
        checkLine(stored.record)
      }
    })
}

private func checkEncoding(
  _ stored: RecordCodec.Stored, _ base: Instant, _ bytes: ArraySlice<UInt8>, isOlder: Bool
) {
  let encoded = encode(stored, base)
  if !isOlder {
    hold(encoded.elementsEqual(bytes), "\(stored.record) is written as \(encoded), not \(bytes)")
  }
  guard
    let again = try? RecordCodec.decode(encoded[...], position: Position(7), baseTime: base)
  else { fatalError("\(stored.record) is not read back") }
  hold(
    again.record == stored.record && encode(again, base) == encoded,
    "\(stored.record) is read back as \(again.record)")
}

private func encode(_ stored: RecordCodec.Stored, _ base: Instant) -> [UInt8] {
  var encoder = CBOREncoder()
  RecordCodec.encode(
    stored.record, baseTime: base, sealed: stored.sealed.map { Array($0) },
    requestDigest: stored.requestDigest.map { Array($0) }, into: &encoder)
  return encoder.bytes
}

/// What `roost export` says of a record is what `roost import` takes in.
func checkLine(_ record: Record) {
  let line = RecordJSON.line(record, secret: nil, isWithheld: record.hasSecret)
  do {
    let read = try RecordLine(Array(line.utf8)[...])
    hold(read.record == record, "\(line) is read as \(read.record)")
    let again = RecordJSON.line(read.record, secret: nil, isWithheld: read.record.hasSecret)
    hold(again.utf8.elementsEqual(line.utf8), "\(line) is written again as \(again)")
  } catch {
    fatalError("\(line) is refused: \(error)")
  }
}
