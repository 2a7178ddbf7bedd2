package import Projections

/// What the entries of a snapshot depend on besides the records: its schema, the versions of its
/// parts, and the limits that shape them.
///
/// As UTF-8 text, so that what differs can be said: a part has its fold version, and after a slash
/// that of its encoding, where that is another.
package struct SnapshotFingerprint: Equatable, Sendable {
  /// Raised when what all parts have in common changes.
  static let schemaVersion = 1

  package var versions: PartVersions
  package var limits: ProjectionLimits

  package init(_ versions: PartVersions, _ limits: ProjectionLimits) {
    self.versions = versions
    self.limits = limits
  }

  /// What this program writes.
  package static func bytes(_ limits: ProjectionLimits) -> [UInt8] {
    SnapshotFingerprint(.current, limits).bytes
  }

  package var bytes: [UInt8] {
    var parts = ["schema \(Self.schemaVersion)"]
    for part in SnapshotPart.all {
      guard let version = versions[part] else { continue }
      let encoding = version.encoding == version.fold ? "" : "/\(version.encoding)"
      parts.append("\(part.name) \(version.fold)\(encoding)")
    }
    parts.append("ring \(limits.ringMax)")
    parts.append("celebrity \(limits.celebrityFollowersMax)")
    return Array(parts.joined(separator: ", ").utf8)
  }

  /// Nil for another schema, and for what is no fingerprint. Parts that are unknown today are left
  /// out.
  package init?(_ bytes: [UInt8]) {
    versions = PartVersions()
    limits = ProjectionLimits()
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var hasSchema = false
    for item in text.split(separator: ", ") {
      let words = item.split(separator: " ")
      guard words.count == 2 else { return nil }
      let numbers = words[1].split(separator: "/").map { UInt32($0) }
      guard let first = numbers.first, let number = first, numbers.count <= 2,
        let encoding = numbers[numbers.count - 1]
      else { return nil }
      switch words[0] {
      case "schema": hasSchema = number == Self.schemaVersion
      case "ring": limits.ringMax = Int(number)
      case "celebrity": limits.celebrityFollowersMax = Int(number)
      default:
        if let part = SnapshotPart(name: String(words[0])) {
          versions[part] = PartVersions.Version(fold: number, encoding: encoding)
        }
      }
    }
    guard hasSchema else { return nil }
  }
}
