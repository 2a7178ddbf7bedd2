package import Domain

/// The names and bounds of a backup's files; docs/backup.md describes them.
package enum BackupFormat {
  /// That of the journals whose blocks a backup may hold: a program that cannot read them refuses
  /// it at once. There was no 2.
  package static let version: UInt64 = JournalFormat.version
  static let readable: ClosedRange<UInt64> = JournalFormat.readable
  static let manifestName = "manifest"
  static let unfinishedManifestName = "manifest.writing"
  static let lockName = "lock"
  static let segmentSuffix = ".segment"
  static let keysPrefix = "keys."

  static let segmentMagic = Array("ROOSTSEG".utf8)
  static let keysMagic = Array("ROOSTKEY".utf8)
  /// A frame is ended after the item with which it has as many bytes.
  static let frameBytes = 1 << 20
  /// Content of a frame: what ends one, and the largest block after that.
  static let frameBytesMax = 8 << 20
  package static let manifestBytesMax = 64 << 20
  /// Of the path of a backup's directory.
  package static let pathBytesMax = 1_024

  /// Whether a file of this name is a backup's own.
  static func isOwn(_ name: String) -> Bool {
    name == manifestName || name == unfinishedManifestName || name == lockName
      || name.hasSuffix(segmentSuffix) || name.hasPrefix(keysPrefix)
  }

  static func segmentName(_ first: Position) -> String {
    let digits = String(first.raw)
    return String(repeating: "0", count: 20 - digits.count) + digits + segmentSuffix
  }
}

/// How far a backup lets things grow.
package struct BackupLimits: Sendable {
  /// Blocks in a segment, in bytes before compression; with the block that reaches it, it ends.
  package var segmentBytesMax = 64 << 20
  /// Past that, a new backup is begun elsewhere.
  package var segmentsMax = 65_536

  package init() {}
}

/// Why a backup is not begun, not continued or not restored. Damage is `JournalError.damaged`.
package enum BackupError: Error, Equatable, Sendable, CustomStringConvertible {
  case badPath(String)
  /// There is something at the path that is no backup.
  case noBackup(path: String)
  /// The directory to be made is there, with something in it.
  case notEmpty(path: String)
  /// Somebody else writes or reads the backup.
  case inUse(path: String)
  case otherJournal(path: String)
  /// The journal ends before the backup does.
  case setBack(journal: Position, backup: Position)
  /// The journal's history is another from a position on.
  case rewritten(from: Position, backup: Position)
  case tooManySegments(path: String, max: Int)
  case beyondEnd(Position, end: Position)
  case noKeys(path: String)
  /// The data directory was restored without text.
  case withoutText(path: String)
  /// People whose text is in the backup and whose key is not.
  case missingKeys(count: Int, first: UserID, Position)
  /// People whose key the backup has and the journal has no more, or another.
  case lostKeys(path: String, count: Int, first: UserID)
  /// A file with events is gone or of another length.
  case brokenSegment(path: String)

  package var description: String {
    switch self {
    case .badPath(let problem): problem
    case .noBackup(let path): "\(path) is there and is no backup; nothing in it was touched"
    case .notEmpty(let path): "\(path) is there and is not empty"
    case .inUse(let path): "another process has the backup \(path) in use"
    case .otherJournal(let path): "\(path) is of another journal"
    case .setBack(let journal, let backup):
      "the journal ends at position \(journal), before the backup's end at \(backup): it was set "
        + "back, or the backup is of another journal"
    case .rewritten(let position, let backup):
      "the journal's history is not the backup's from position \(position) on (the backup ends at "
        + "\(backup)): it was restored to before that, or rewritten; begin a new backup elsewhere"
    case .tooManySegments(let path, let max):
      "\(path) has \(max) segments already; begin a new backup elsewhere"
    case .beyondEnd(let position, let end):
      "the backup ends at position \(end), before \(position)"
    case .noKeys(let path):
      "the backup \(path) was made without keys; name where they are, or restore without text"
    case .lostKeys(let path, let count, let first):
      "the journal's keys of \(count) people are not those that \(path) has, the first is "
        + "user:\(first); nothing was replaced: restore the keys, or begin a new backup elsewhere"
    case .brokenSegment(let path):
      "\(path) is gone or has another length than the manifest says; begin a new backup elsewhere"
    case .withoutText(let path):
      "\(path) was restored without text, where everybody's key is as if they had been erased: it "
        + "is no source of backups, keys or erasures"
    case .missingKeys(let count, let first, let position):
      "the keys of \(count) people who wrote text are missing, the first is user:\(first), who "
        + "wrote at position \(position)"
    }
  }
}
