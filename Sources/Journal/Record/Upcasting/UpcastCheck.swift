package import Domain

/// A dry run of all upcasters over a journal: every record is read in its own version; one of an
/// older version is upcast, and what comes out must be storable today and read back the same.
///
/// Beside a running server, a block at a time; nothing is written.
package struct UpcastCheck: Sendable {
  /// What was found of one version of one kind of event.
  package struct Count: Hashable, Sendable {
    package var type: EventType
    package var version: UInt8
    package var events: UInt64
    /// Of their open fields as they are stored, and as they would be in the newest version.
    package var storedBytes: UInt64
    package var newestBytes: UInt64

    /// Whether it is read by way of an upcaster.
    package var isOlder: Bool { type.olderVersions.contains(version) }
  }

  /// The first record that has no place in today's versions.
  package struct Failure: Hashable, Sendable, CustomStringConvertible {
    package var position: Position
    package var reason: String

    package var description: String { "position \(position) cannot be upcast: \(reason)" }
  }

  /// By number and version.
  package var counts: [Count] {
    table.values.sorted { ($0.type.rawValue, $0.version) < ($1.type.rawValue, $1.version) }
  }
  package private(set) var position = Position.zero
  package private(set) var failure: Failure?

  private struct Key: Hashable {
    var type: EventType
    var version: UInt8
  }
  private var table: [Key: Count] = [:]
  private var scratch = CBOREncoder()

  /// Stops at the first failure. Damage, and events of a newer program, are thrown.
  package init(
    _ reader: JournalReader, progress: (JournalVerifier.Progress) -> Void = { _ in }
  ) throws(JournalError) {
    let last = try reader.rawBlock(atOrBefore: Position(.max))
    let end =
      if let last { try BlockDecoder.header(of: last.bytes.span, key: last.first).last } else {
        Position.zero
      }
    var bytes = 0
    while position < end, failure == nil {
      guard let (first, block) = try reader.rawBlock(atOrBefore: position.next),
        first == position.next.raw
      else { throw .damage(position.next, "its block is missing") }
      let header = try BlockDecoder.header(of: block.span, key: first)
      let plain = try BlockPacking.plain(block, header)
      try BlockDecoder.forEachStored(in: plain.bytes, plain.header) {
        position, content throws(JournalError) in
        guard failure == nil else { return }
        do throws(CBORError) {
          try add(position, content, header.baseTime)
        } catch {
          throw BlockDecoder.failure(error, at: position)
        }
      }
      bytes += block.count
      if failure == nil { position = header.last }
      progress(.init(position: position, last: end, bytes: bytes))
    }
  }

  private mutating func add(
    _ position: Position, _ content: ArraySlice<UInt8>, _ baseTime: Instant
  ) throws(CBORError) {
    var decoder = CBORDecoder(content)
    let head = try RecordCodec.Head(&decoder, baseTime)
    let start = decoder.offset
    let event: Event
    if head.type.olderVersions.contains(head.version) {
      let older = try EventCodec.decodeOlder(head.type, version: head.version, from: &decoder)
      do {
        event = try older.upcast(in: head.context)
      } catch {
        failure = Failure(position: position, reason: error.description)
        return
      }
    } else {
      event = try EventCodec.decodeFields(
        of: head.type, version: head.version, in: head.context, from: &decoder)
    }
    let stored = decoder.offset - start
    guard isStorable(event, head) else {
      failure = Failure(position: position, reason: "it is not read back as it would be written")
      return
    }
    var count =
      table[Key(type: head.type, version: head.version)]
      ?? Count(type: head.type, version: head.version, events: 0, storedBytes: 0, newestBytes: 0)
    count.events += 1
    count.storedBytes += UInt64(stored)
    count.newestBytes += UInt64(scratch.bytes.count)
    table[Key(type: head.type, version: head.version)] = count
  }

  /// Whether the event, written as today and read again, is itself.
  private mutating func isStorable(_ event: Event, _ head: RecordCodec.Head) -> Bool {
    scratch.reset()
    EventCodec.encodeFields(of: event, in: head.context, into: &scratch)
    var decoder = CBORDecoder(scratch.bytes)
    let again = try? EventCodec.decodeFields(
      of: head.type, version: EventType.version(of: event), in: head.context, from: &decoder)
    return again == event && decoder.isAtEnd
  }
}
