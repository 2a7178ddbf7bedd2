package import Domain
package import Journal
package import Projections

/// What tells two states of the whole apart: a digest for each kind of entity and each projection,
/// all as of one position.
///
/// Equal between a live server, a replay, a rebuild and starts with and without snapshots, whatever
/// the number of shards.
package struct StateDigests: Equatable, Sendable {
  package struct Named: Hashable, Sendable {
    package var name: String
    package var digest: Digest

    package init(name: String, digest: Digest) {
      self.name = name
      self.digest = digest
    }
  }

  package var position: Position
  /// Entities by kind, then projections in the order of folding.
  package var all: [Named]

  package init(position: Position, all: [Named]) {
    self.position = position
    self.all = all
  }

  /// The kinds of entities are named in the plural, projections by their names with a prefix: both
  /// have `chats` and `tags`.
  package static func name(of kind: EntityKind) -> String { "entities.\(kind.plural)" }
  package static func name(of projection: ProjectionName) -> String {
    "projections.\(projection.rawValue)"
  }

  package subscript(name: String) -> Digest? { all.first { $0.name == name }?.digest }

  /// What differs, by name; everything if the positions do.
  package func differences(from other: StateDigests) -> [String] {
    all.map(\.name).filter { self[$0] != other[$0] || position != other.position }
  }

  /// Those of one projection alone; all without one.
  package func showing(_ projection: ProjectionName?) -> StateDigests {
    guard let projection else { return self }
    return StateDigests(
      position: position, all: all.filter { $0.name == Self.name(of: projection) })
  }

  /// One line each: name and 64 hexadecimal digits.
  package var text: String {
    let width = all.map { $0.name.count }.max() ?? 0
    let lines = all.map { named in
      named.name + String(repeating: " ", count: width + 2 - named.name.count)
        + named.digest.description
    }
    return (["position \(position)"] + lines).joined(separator: "\n")
  }

  package var json: JSON {
    .object([
      ("position", .uint(position.raw)),
      ("digests", .object(all.map { ($0.name, .string($0.digest.description)) })),
    ])
  }
}
