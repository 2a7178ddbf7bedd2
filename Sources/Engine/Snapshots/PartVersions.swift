internal import Domain
internal import Journal
internal import Projections

/// By which versions the parts of a snapshot were folded and written.
package struct PartVersions: Equatable, Sendable {
  package struct Version: Equatable, Sendable {
    package var fold: UInt32
    /// Of the entries' bytes.
    package var encoding: UInt32

    package init(fold: UInt32, encoding: UInt32) {
      self.fold = fold
      self.encoding = encoding
    }
  }

  private var versions: [SnapshotPart: Version] = [:]

  init() {}

  /// Of this program.
  package static let current = {
    var current = PartVersions()
    for part in SnapshotPart.all {
      current[part] = Version(fold: part.foldVersion, encoding: part.encodingVersion)
    }
    return current
  }()

  /// Nil for a part that is not there.
  package subscript(part: SnapshotPart) -> Version? {
    get { versions[part] }
    set { versions[part] = newValue }
  }

  /// The fold versions of the projections.
  var folds: FoldVersions {
    var folds = FoldVersions()
    for name in ProjectionName.allCases {
      folds[name] = self[.projection(name)]?.fold ?? FoldVersions.mixed
    }
    return folds
  }

  /// The same, but for the folds of the projections.
  func folded(by folds: FoldVersions) -> PartVersions {
    var changed = self
    for name in ProjectionName.allCases { changed[.projection(name)]?.fold = folds[name] }
    return changed
  }
}

/// How far what a snapshot holds can be used by a program of other versions.
struct SnapshotFit: Equatable {
  /// As it is.
  var current: Set<SnapshotPart> = []
  /// Folded by another version, or on foundations of another version, but written as today: serves
  /// until it has been built anew.
  var outdated = ProjectionSet()
  /// Must be folded before anything is served.
  var unusable: Set<SnapshotPart> = []

  /// Whether all of it fits.
  var isWhole: Bool { outdated.isEmpty && unusable.isEmpty }

  /// Whether anything of it can be used.
  var isWorthReading: Bool { !outdated.isEmpty || current.contains { $0 != .journal } }

  /// The projections that must be folded before anything is served.
  var unusableProjections: ProjectionSet { ProjectionSet(unusable.compactMap(\.projection)) }

  /// What is read from the snapshot.
  var read: Set<SnapshotPart> { Set(SnapshotPart.all).subtracting(unusable) }

  /// Of no snapshot: everything must be folded.
  static let nothing = SnapshotFit(PartVersions(), readBy: .current)

  /// Compares what wrote a snapshot with what reads it.
  init(_ written: PartVersions, readBy own: PartVersions) {
    var changed = ProjectionSet()
    var unreadable = ProjectionSet()
    for part in SnapshotPart.all {
      let version = written[part]
      if version == own[part] {
        current.insert(part)
      } else if case .projection(let name) = part {
        changed.insert(name)
        if version?.encoding != own[part]?.encoding { unreadable.insert(name) }
      } else {
        unusable.insert(part)
      }
    }
    exclude(unreadable, changed: changed)
  }

  /// An entry of this projection does not read, after all.
  mutating func exclude(_ name: ProjectionName) {
    let changed = outdated.union(unusableProjections).union(ProjectionSet([name]))
    exclude(unusableProjections.union(ProjectionSet([name])), changed: changed)
  }

  /// Where people cannot be read, nothing can that is written in their row numbers; what stands on
  /// something changed has to be built anew with it.
  private mutating func exclude(_ unreadable: ProjectionSet, changed: ProjectionSet) {
    let unreadable = unreadable.contains(.people) ? unreadable.withDependents : unreadable
    for name in unreadable.names { unusable.insert(.projection(name)) }
    outdated = changed.withDependents.subtracting(unreadable)
    current.subtract(changed.withDependents.names.map { .projection($0) })
  }

  /// For the log: what fits, what serves meanwhile, and what is folded first.
  var description: String {
    var parts: [String] = []
    if !unusable.isEmpty {
      let names = unusable.map(\.name).sorted().joined(separator: ", ")
      parts.append("folding anew before serving: \(names)")
    }
    if !outdated.isEmpty {
      let names = outdated.names.map { SnapshotPart.projection($0).name }.joined(separator: ", ")
      parts.append("serving as it is until it has been built anew: \(names)")
    }
    return parts.joined(separator: "; ")
  }
}

extension SnapshotPart {
  /// Nil for what is none.
  var projection: ProjectionName? {
    if case .projection(let name) = self { name } else { nil }
  }

  /// Nil for what is none.
  var kind: EntityKind? {
    if case .entities(let kind) = self { kind } else { nil }
  }
}
