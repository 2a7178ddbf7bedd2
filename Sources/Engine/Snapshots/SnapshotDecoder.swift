internal import Domain
internal import Entities
internal import Journal
internal import Projections

/// Takes what a snapshot holds.
protocol SnapshotReceiver {
  mutating func take(
    _ name: ProjectionName, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(SnapshotError)
  mutating func take(
    _ kind: EntityKind, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(SnapshotError)
}

/// Why a snapshot that is whole still cannot be used.
enum SnapshotError: Error, CustomStringConvertible {
  case journal(JournalError)
  case projection(ProjectionError)
  case entry(String, CBORError)
  case unknownSection(String)
  case missingSection(String)
  case otherJournal
  case otherVersion
  case misnamed
  /// Its people have other numbers than the journal gives them.
  case otherNumbers
  /// The journal does not fold to what the snapshot lacks.
  case refold(RefoldError)
  /// What is in it is beyond the journal's end: the journal was set back.
  case beyondEnd(Position, Position)
  /// The journal does not go on where the snapshot ends.
  case tail(RefoldError)

  var description: String {
    switch self {
    case .journal(let error): error.description
    case .projection(let error): error.description
    case .entry(let part, let error): "an entry of \(part) does not read: \(error)"
    case .unknownSection(let name): "its section \(name) is unknown"
    case .missingSection(let name): "its section \(name) is missing"
    case .otherJournal: "it belongs to another journal"
    case .otherVersion: "it was written by another version"
    case .otherNumbers: "it numbers people otherwise than the journal does"
    case .misnamed: "its name does not fit its position"
    case .refold(let error): error.description
    case .beyondEnd(let through, let end):
      "it reaches to position \(through), but the journal ends at \(end)"
    case .tail(let error): error.description
    }
  }
}

/// Reads a snapshot from beginning to end.
struct SnapshotDecoder {
  private let reader: SnapshotReader

  init(_ reader: SnapshotReader) { self.reader = reader }

  var position: Position { reader.header.position }

  /// By which the projections in it were folded.
  var folds: FoldVersions {
    SnapshotFingerprint(reader.header.fingerprint)?.versions.folds ?? FoldVersions()
  }

  /// Hands everything to the receiver, read models first. Throws, at the end too, if the snapshot
  /// cannot be used; then what was received cannot either.
  ///
  /// Only `parts` are read, which must all be there; others are passed over unread.
  func read(
    _ parts: Set<SnapshotPart> = Set(SnapshotPart.all),
    into receiver: inout some SnapshotReceiver, of journal: some RecordSource
  ) throws(SnapshotError) {
    var seen: Set<SnapshotPart> = []
    while let section = try nextSection() {
      guard let part = SnapshotPart(name: section.name) else {
        if parts.count < SnapshotPart.all.count { continue }
        throw .unknownSection(section.name)
      }
      guard parts.contains(part) else { continue }
      seen.insert(part)
      try readEntries(of: part, into: &receiver, of: journal)
    }
    for part in SnapshotPart.all where parts.contains(part) && !seen.contains(part) {
      throw .missingSection(part.name)
    }
  }

  /// The same, without reading what is between the parts.
  func read(
    _ parts: Set<SnapshotPart>, by guide: SnapshotGuide, into receiver: inout some SnapshotReceiver,
    of journal: some RecordSource
  ) throws(SnapshotError) {
    for part in SnapshotPart.all where parts.contains(part) {
      guard reader.leap(toSection: part.name, by: guide), let section = try nextSection(),
        section.name == part.name
      else { throw .missingSection(part.name) }
      try readEntries(of: part, into: &receiver, of: journal)
    }
  }

  private func readEntries(
    of part: SnapshotPart, into receiver: inout some SnapshotReceiver,
    of journal: some RecordSource
  ) throws(SnapshotError) {
    while let (key, value) = try nextEntry() {
      switch part {
      case .projection(let name): try receiver.take(name, key: key, value: value)
      case .entities(let kind): try receiver.take(kind, key: key, value: value)
      case .journal: try check(value, journal)
      }
    }
  }

  private func nextSection() throws(SnapshotError) -> SnapshotSection? {
    do throws(JournalError) { return try reader.nextSection() } catch { throw .journal(error) }
  }

  private func nextEntry() throws(SnapshotError) -> (
    key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  )? {
    do throws(JournalError) { return try reader.nextEntryInPlace() } catch { throw .journal(error) }
  }

  private func check(_ value: ArraySlice<UInt8>, _ journal: some RecordSource) throws(SnapshotError)
  {
    let mark: JournalMark
    do throws(CBORError) {
      mark = try JournalMark(Array(value))
    } catch {
      throw .entry(SnapshotPart.journal.name, error)
    }
    let (end, own): (Position, JournalMark)
    do throws(JournalError) {
      end = try journal.end()
      own = try JournalMark(of: journal, at: position, through: mark.through)
    } catch {
      throw .journal(error)
    }
    guard mark.through <= end else { throw .beyondEnd(mark.through, end) }
    guard mark == own else { throw .otherJournal }
  }
}
