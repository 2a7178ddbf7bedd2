package import Domain

/// One thing that is wrong with stored data, in words for people.
///
/// `verify` lists findings; opening refuses with the first one, in the same words.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
  /// What is damaged: "the journal", "the keys", "the snapshot …".
  package let what: String
  /// The first position that cannot be trusted, where one is known.
  package let position: Position?
  package let problem: String

  package init(_ what: String, at position: Position? = nil, _ problem: String) {
    self.what = what
    self.position = position
    self.problem = problem
  }

  package var description: String {
    if let position {
      "\(what) is damaged at position \(position): \(problem)"
    } else {
      "\(what) is damaged: \(problem)"
    }
  }
}

/// Why the journal, the keys or a snapshot cannot be opened, read or written.
package enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  case damaged(Finding)
  /// The text there cannot be unsealed with the key that its author has.
  case otherKey(Position, author: UserID)
  /// Another process, or another part of this one, writes this directory.
  case locked(path: String, pid: Int32?)
  /// This process has the environment open already; LMDB forbids a second time.
  case alreadyOpen(path: String)
  case missing(path: String)
  /// Written by another version of the format.
  case unsupportedVersion(what: String, found: UInt64)
  /// A kind of event, or a version of one, that a newer program wrote: no damage, and not to be
  /// passed over either.
  case unknownEvent(Position, type: UInt64, version: UInt64)
  /// A call to the system failed; `code` is its errno.
  case system(operation: String, path: String, code: Int32, reason: String)
  /// LMDB, zstd or libsodium refused.
  case library(operation: String, reason: String)
  /// A write failed earlier: nothing is written after that.
  case failed(String)
  case stopped

  package var description: String {
    switch self {
    case .damaged(let finding):
      finding.description
    case .otherKey(let position, _):
      Finding("the journal", at: position, Self.otherKeyProblem).description
    case .locked(let path, let pid?):
      "process \(pid) is already serving the data directory \(path)"
    case .locked(let path, nil):
      "another process is already serving the data directory \(path)"
    case .alreadyOpen(let path):
      "\(path) is already open in this process"
    case .missing(let path):
      "there is no \(path)"
    case .unsupportedVersion(let what, let found):
      "\(what) has format version \(found); this program reads versions "
        + "\(JournalFormat.readable.lowerBound) to \(JournalFormat.readable.upperBound)"
    case .unknownEvent(let position, let type, let version):
      "position \(position) holds version \(version) of "
        + (UInt8(exactly: type).flatMap(EventType.init(rawValue:))?.name ?? "event type \(type)")
        + ", which this program does not know; a newer one wrote it: go on with that one"
    case .system(let operation, let path, _, let reason):
      "cannot \(operation) \(path): \(reason)"
    case .library(let operation, let reason):
      "cannot \(operation): \(reason)"
    case .failed(let reason):
      "the journal has stopped after a failed write: \(reason)"
    case .stopped:
      "the journal is closed"
    }
  }

  static let otherKeyProblem = "its text cannot be unsealed with the key of its author"

  static func damage(_ position: Position? = nil, _ problem: String) -> JournalError {
    .damaged(Finding("the journal", at: position, problem))
  }
}

/// What is fixed about the format.
package enum JournalFormat {
  /// Of the journal as a whole: counts what an older program could not read, new kinds and versions
  /// of events among them, so that it refuses at once and in words. docs/format.md describes it.
  package static let version: UInt64 = 3
  /// What is read still. The first transaction that is written raises it to `version`.
  package static let readable: ClosedRange<UInt64> = 1...3
  /// Of plain blocks.
  static let blockVersion: UInt64 = 1
  /// Of blocks whose open part is compressed.
  static let packedBlockVersion: UInt64 = 2
  /// The previous hash of the first block.
  package static let genesisHash = [UInt8](repeating: 0, count: BLAKE2b.length)
}
