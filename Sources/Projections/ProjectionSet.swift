/// Some of the projections: what is folded, rebuilt or taken over together. A machine word.
package struct ProjectionSet: Hashable, Sendable {
  private var bits: UInt32 = 0

  package init() {}

  package init(_ names: some Sequence<ProjectionName>) {
    for name in names { insert(name) }
  }

  package static let all = ProjectionSet(ProjectionName.allCases)

  @inline(__always)
  package func contains(_ name: ProjectionName) -> Bool { bits & name.bit != 0 }

  package mutating func insert(_ name: ProjectionName) { bits |= name.bit }

  package var isEmpty: Bool { bits == 0 }

  /// In the order of folding.
  package var names: [ProjectionName] { ProjectionName.allCases.filter(contains) }

  package func union(_ other: ProjectionSet) -> ProjectionSet {
    ProjectionSet(names + other.names)
  }

  package func subtracting(_ other: ProjectionSet) -> ProjectionSet {
    ProjectionSet(names.filter { !other.contains($0) })
  }

  package func isSuperset(of other: ProjectionSet) -> Bool { other.subtracting(self).isEmpty }

  /// These and all that they stand on: what must be folded to get them.
  package var withFoundations: ProjectionSet {
    union(ProjectionSet(names.flatMap { $0.foundations }))
  }

  /// These and all that stand on them: what may come out otherwise when they do.
  package var withDependents: ProjectionSet {
    union(
      ProjectionSet(
        ProjectionName.allCases.filter { name in name.foundations.contains(where: contains) }))
  }
}

extension ProjectionSet: CustomStringConvertible {
  /// `all`, `home`, or `home+inbox`: the form of the wire, of files and of logs.
  package var description: String {
    self == .all ? "all" : names.map(\.rawValue).joined(separator: "+")
  }

  /// Reads what `description` writes; nil for anything else, and for none.
  package init?(_ text: String) {
    self.init()
    if text == "all" {
      self = .all
      return
    }
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      guard let name = ProjectionName(rawValue: String(part)) else { return nil }
      insert(name)
    }
  }
}

extension ProjectionName {
  @inline(__always)
  fileprivate var bit: UInt32 {
    switch self {
    case .people: 1 << 0
    case .graph: 1 << 1
    case .timelines: 1 << 2
    case .home: 1 << 3
    case .tags: 1 << 4
    case .public: 1 << 5
    case .inbox: 1 << 6
    case .trending: 1 << 7
    case .chats: 1 << 8
    case .stories: 1 << 9
    case .drafts: 1 << 10
    case .reports: 1 << 11
    }
  }

  /// What its fold reads of other projections, and what these read, in the order of folding.
  package var foundations: [ProjectionName] {
    switch self {
    case .people, .tags, .public, .reports: []
    case .graph, .timelines, .trending, .chats, .stories, .drafts: [.people]
    case .home, .inbox: [.people, .graph]
    }
  }
}
