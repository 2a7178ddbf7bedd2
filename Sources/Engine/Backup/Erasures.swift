internal import Domain
package import Journal

/// Who was erased, as a data directory, a backup or a list tells it.
package enum Erasures {
  /// Reads whichever of them lies at the path. Of a data directory or a backup it is sure whether
  /// it is of the journal that `manifest` backs up; throws if not.
  package static func read(
    _ path: String, for manifest: BackupManifest? = nil, _ report: ProgressReport? = nil
  ) throws -> [Erasure] {
    func check(_ identity: TreeHash?) throws {
      if let identity, let expected = manifest?.identity, identity != expected {
        throw BackupError.otherJournal(path: path)
      }
    }
    if FileSizes.exists(path + "/journal") {
      try WithoutText.refuse(path)
      let reader = try JournalReader(directory: path)
      try check(try reader.identity())
      let end = try reader.head().position.raw
      return try reader.erasures { position in
        report?(
          Progress(
            title: "looking for erasures", done: position.raw, total: end, unit: "records"))
      }
    }
    if FileSizes.exists(path + "/manifest") {
      let other = try BackupReader(directory: path).manifest
      try check(other.identity)
      return other.erasures
    }
    return try list(path)
  }

  /// One line each: `user:17 4711`, with the position where it is known.
  package static func line(_ erasure: Erasure) -> String {
    "user:\(erasure.user)" + (erasure.position.map { " \($0)" } ?? "")
  }

  private static func list(_ path: String) throws -> [Erasure] {
    var reader = try LineReader(path: path)
    var erasures: [Erasure] = []
    while let line = try reader.next() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      if words.isEmpty { continue }
      guard words.count <= 2, words[0].hasPrefix("user:"),
        let user = UserID(text: String(words[0].dropFirst(5)))
      else { throw reader.error("it is not like `user:17` or `user:17 4711`") }
      var position: Position?
      if words.count == 2 {
        guard let number = UInt64(words[1]) else {
          throw reader.error("'\(words[1])' is no position")
        }
        position = Position(number)
      }
      erasures.append(Erasure(user: user, position: position))
    }
    return erasures
  }
}
