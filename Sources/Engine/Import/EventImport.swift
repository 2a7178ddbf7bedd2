package import Domain
internal import Journal
internal import Projections

/// Makes a data directory from the events of an export: every state and every projection comes out
/// as it was, with new keys.
package enum EventImport {
  /// A line with the longest text that an event may have, escaped.
  package static let lineMax = 16 << 20

  package struct Report: Sendable {
    package var position: Position
    package var digests: StateDigests
  }

  /// The directory is there when it is whole, with a snapshot. Throws `ImportError.badLine` for the
  /// first line that is not as it should be; nothing is there then.
  package static func run(
    _ path: String, into directory: String, clock: any Clock, random: any RandomSource,
    progress: ProgressReport? = nil
  ) throws -> Report {
    var lines = try LineReader(path: path, lineMax: lineMax)
    let header = try header(&lines)
    let staged = try StagedDirectory(directory)
    let builder = try JournalBuilder(directory: staged.path, created: clock.now)
    let composer = JournalComposer(builder, random: random)
    var refold = Refold()
    while let line = try lines.next() {
      do throws(JSONError) {
        try take(try RecordLine(line), composer, &refold)
      } catch {
        throw lines.error(error.description)
      }
      lines.report("importing events", progress)
    }
    guard refold.position == header else {
      throw ImportError.badLine(
        path: path, number: lines.number,
        "the file ends at position \(refold.position), but its first line says \(header)")
    }
    try composer.finish()
    let digests = try finish(builder, refold, clock, random, in: staged.path)
    try staged.finish()
    return Report(position: header, digests: digests)
  }

  /// The position that the first line promises.
  private static func header(_ lines: inout LineReader) throws -> Position {
    guard let line = try lines.next() else {
      throw ImportError.badLine(path: lines.path, number: 1, "it is missing")
    }
    guard let json = try? JSONValue.parse(line), json["roost"]?.string == "events",
      let position = json["position"]?.uint, let version = json["format"]?.uint
    else { throw lines.error("it is not the first line of exported events") }
    guard version == EventsFile.version else {
      throw lines.error(
        "the file has format version \(version); this program reads \(EventsFile.version)")
    }
    return Position(position)
  }

  private static func take(
    _ line: RecordLine, _ composer: JournalComposer, _ refold: inout Refold
  ) throws(JSONError) {
    do {
      try composer.append(line)
      try refold.fold(line.record)
    } catch let error as JSONError {
      throw error
    } catch {
      throw JSONError("\(error)")
    }
  }

  private static func finish(
    _ builder: JournalBuilder, _ refold: Refold, _ clock: any Clock, _ random: any RandomSource,
    in directory: String
  ) throws -> StateDigests {
    try builder.finish()
    let journal = try Journal.open(directory: directory, clock: clock, random: random)
    defer { journal.drainAndStop() }
    _ = try refold.writeSnapshot(
      into: try SnapshotStore(directory: directory), of: journal, at: clock.now)
    return refold.digests()
  }
}
