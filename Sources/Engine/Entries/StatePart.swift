internal import Domain
package import Journal
package import Projections

/// A part of the whole state that has entries of its own: a projection, or all entities of a kind.
package enum StatePart: Hashable, Sendable {
  case projection(ProjectionName)
  case entities(EntityKind)

  package static let all: [StatePart] =
    ProjectionName.allCases.map { .projection($0) } + EntityKind.all.map { .entities($0) }

  /// As digests name it, `projections.home` or `entities.users`; or shorter, `home` or `users`:
  /// where a projection and a kind have the same short name, that is the projection.
  package init?(name: String) {
    let part =
      Self.all.first { $0.name == name }
      ?? Self.all.first { $0.name.hasSuffix("." + name) }
    guard let part, !name.isEmpty else { return nil }
    self = part
  }

  private static let bySection = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// By the full name alone.
  init?(section name: String) {
    guard let part = Self.bySection[name] else { return nil }
    self = part
  }

  /// The same as in digests and snapshots.
  package var name: String {
    switch self {
    case .projection(let name): StateDigests.name(of: name)
    case .entities(let kind): StateDigests.name(of: kind)
    }
  }

  package var foldVersion: UInt32 {
    switch self {
    case .projection(let name): ReadModels.foldVersion(of: name)
    case .entities(let kind): kind.foldVersion
    }
  }

  package var isEntities: Bool {
    switch self {
    case .projection: false
    case .entities: true
    }
  }

  /// What the entry under a key means.
  func shapes(of key: [UInt8]) throws(CBORError) -> EntryShapes {
    switch self {
    case .projection(let name): try ReadModels.shapes(of: name, key: key[...])
    case .entities(.user): EntryShapes(Self.key("user", .identity), UserState.shape)
    case .entities(.post): EntryShapes(Self.key("post", .post), PostState.shape)
    case .entities(.chat): EntryShapes(Self.key("chat", .chat), ChatState.shape)
    case .entities(.tag): EntryShapes(Self.key("tag", .tag), TagState.shape)
    }
  }

  private static func key(_ kind: String, _ id: EntryShape) -> EntryShape {
    .fields(["kind": .word([1: kind, 2: kind, 3: kind, 4: kind]), "id": id])
  }
}
