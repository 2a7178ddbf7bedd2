package import Domain
package import Projections

/// Why a fold over the journal cannot go on. Never expected: the journal's own checks come first.
package enum RefoldError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An entity's event is not the one after its last.
  case sequenceGap(Position, EntityKey, expected: UInt64, got: UInt64)
  case projection(ProjectionError)

  /// The first position that cannot be folded, where it is known.
  package var position: Position? {
    switch self {
    case .sequenceGap(let position, _, _, _): position
    case .projection(.outOfOrder(_, let got)): got
    case .projection(.badEntry): nil
    }
  }

  package var description: String {
    switch self {
    case .sequenceGap(let position, let entity, let expected, let got):
      "position \(position) is event \(got) of \(entity), but its event \(expected) is due"
    case .projection(let error): error.description
    }
  }
}
