package import Projections

/// What the entries of a snapshot depend on besides the records: a snapshot with another
/// fingerprint is not used.
package enum SnapshotFingerprint {
  /// Raised when the entries' encoding changes.
  static let schemaVersion = 1

  /// UTF-8 text, so that what differs can be said.
  package static func bytes(_ limits: ProjectionLimits) -> [UInt8] {
    var parts = ["schema \(schemaVersion)"]
    for part in SnapshotPart.all { parts.append("\(part.name) \(part.foldVersion)") }
    parts.append("ring \(limits.ringMax)")
    parts.append("celebrity \(limits.celebrityFollowersMax)")
    return Array(parts.joined(separator: ", ").utf8)
  }
}
