/// By which version of its fold each projection came to be.
///
/// Not always today's: what an older version left goes on serving while it is built anew.
package struct FoldVersions: Hashable, Sendable {
  /// Of what was folded by today's code on foundations that were not.
  package static let mixed: UInt32 = 0

  private var versions: [ProjectionName: UInt32] = [:]

  package init() {
    for name in ProjectionName.allCases { versions[name] = ReadModels.foldVersion(of: name) }
  }

  package subscript(name: ProjectionName) -> UInt32 {
    get { versions[name] ?? Self.mixed }
    set { versions[name] = newValue }
  }
}
