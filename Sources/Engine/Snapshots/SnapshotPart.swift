internal import Domain
internal import Journal
internal import Projections

/// What a section of a snapshot holds. The names are part of the snapshot's format.
enum SnapshotPart: Hashable {
  case projection(ProjectionName)
  case entities(EntityKind)
  /// To which journal the snapshot belongs, and how far what is in it reaches: comes last.
  case journal

  static let all: [SnapshotPart] =
    ProjectionName.allCases.map { .projection($0) } + EntityKind.all.map { .entities($0) }
    + [.journal]

  init?(name: String) {
    guard let part = Self.all.first(where: { $0.name == name }) else { return nil }
    self = part
  }

  /// The same as in digests.
  var name: String {
    switch self {
    case .projection(let name): StateDigests.name(of: name)
    case .entities(let kind): StateDigests.name(of: kind)
    case .journal: "journal"
    }
  }

  /// Of a section whose entries are written with today's code.
  var foldVersion: UInt64 {
    switch self {
    case .projection(let name):
      UInt64(ReadModels.foldVersions.first { $0.name == name }?.foldVersion ?? 0)
    case .entities(let kind): UInt64(kind.foldVersion)
    case .journal: 1
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
