extension StateDigests {
  /// The digests by name of a line of JSON that this or another version printed; nil for others.
  package static func read(json line: String) -> [String: String]? {
    guard let members = JSONText(Array(line.utf8))["digests"]?.members else { return nil }
    var digests: [String: String] = [:]
    for member in members {
      guard let text = member.value.string else { return nil }
      digests[member.name] = text
    }
    return digests
  }
}
