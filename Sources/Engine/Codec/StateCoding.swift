package import Domain
package import Journal
package import Projections

/// A state that can be written down and read back: for snapshots and for digests.
///
/// The encoding is canonical: equal states give equal bytes, in every process.
package protocol StateCoding: Entity {
  static var kind: EntityKind { get }
  /// Part of a snapshot's fingerprint: raised whenever the same records would fold to other bytes.
  static var foldVersion: UInt32 { get }

  /// What the encoding means.
  static var shape: EntryShape { get }

  func encode(into encoder: inout CBOREncoder)

  /// Reads what `encode` wrote.
  init(key: EntityKey, from decoder: inout CBORDecoder) throws(CBORError)
}

extension StateCoding {
  /// Whether nothing has been folded: such an entity is not there.
  package func isBlank(_ key: EntityKey) -> Bool { sequence == 0 && self == Self(key: key) }
}

/// Pictures and films, flat.
let mediaShape: EntryShape = .groups([
  "id": .media, "kind": .choice(MediaKind.self), "position": .position,
])
