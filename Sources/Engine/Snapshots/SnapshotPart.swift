internal import Domain
package import Journal
package import Projections

/// What a section of a snapshot holds. The names are part of the snapshot's format.
package enum SnapshotPart: Hashable, Sendable {
  case projection(ProjectionName)
  case entities(EntityKind)
  /// To which journal the snapshot belongs, and how far what is in it reaches: comes last.
  case journal

  package static let all: [SnapshotPart] =
    ProjectionName.allCases.map { .projection($0) } + EntityKind.all.map { .entities($0) }
    + [.journal]

  package init?(name: String) {
    guard let part = Self.all.first(where: { $0.name == name }) else { return nil }
    self = part
  }

  /// The same as in digests.
  package var name: String {
    switch self {
    case .projection(let name): StateDigests.name(of: name)
    case .entities(let kind): StateDigests.name(of: kind)
    case .journal: "journal"
    }
  }

  /// Of today's code.
  package var foldVersion: UInt32 {
    switch self {
    case .projection(let name): ReadModels.foldVersion(of: name)
    case .entities(let kind): kind.foldVersion
    case .journal: 1
    }
  }

  /// Of today's code. Entities are decided upon, so that what another fold left is never read: each
  /// fold version has an encoding of its own.
  package var encodingVersion: UInt32 {
    switch self {
    case .projection(let name): ReadModels.encodingVersion(of: name)
    case .entities, .journal: foldVersion
    }
  }
}

extension EntityKind {
  var foldVersion: UInt32 {
    switch self {
    case .user: UserState.foldVersion
    case .post: PostState.foldVersion
    case .chat: ChatState.foldVersion
    case .tag: TagState.foldVersion
    }
  }
}
