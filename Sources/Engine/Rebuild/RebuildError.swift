package import Journal
internal import Projections

/// Why a rebuild ends without taking the place of what serves, which is left as it is.
package enum RebuildError: Error, Sendable, CustomStringConvertible {
  case cancelled
  /// The process ends: it goes on with the next start.
  case interrupted
  /// What is to take over lacks more than may be folded while the shards wait. Tried again.
  case tooFarBehind
  /// What is to take over on one shard is not where it is to take over on another.
  case apart
  /// Live and from the journal, people have other numbers, and what was built is written in them.
  case numberedOtherwise
  /// The fold does not go on.
  case fold(RefoldError)
  case journal(JournalError)
  /// What was saved cannot be read.
  case unreadable(String)

  package var description: String {
    switch self {
    case .cancelled: "it was cancelled"
    case .interrupted: "the server ends; it goes on with the next start"
    case .tooFarBehind: "more is written than can be caught up with"
    case .apart: "the shards of version 2 do not come to one position"
    case .numberedOtherwise:
      "the people who are served are numbered otherwise than the journal says: rebuild all"
    case .fold(let error): error.description
    case .journal(let error): error.description
    case .unreadable(let reason): reason
    }
  }
}
