internal import Domain
internal import Journal
package import Projections

/// What a projection that was built anew has in common with the one that served until then, at one
/// position.
package struct ProjectionComparison: Equatable, Sendable {
  package let name: ProjectionName
  /// Of the one that served, and of the one that was built.
  package private(set) var before = Digest()
  package private(set) var after = Digest()
  /// Entries of the one that was built.
  package private(set) var entries = 0
  /// Entries that the one before lacked, had too many, and had otherwise.
  package private(set) var missing = 0
  package private(set) var extra = 0
  package private(set) var changed = 0

  package init(_ name: ProjectionName) { self.name = name }

  package var isEqual: Bool { before == after }
  package var differing: Int { missing + extra + changed }

  /// Adds what one shard owns. Memory: where they differ, 16 bytes for each entry of both.
  mutating func add(_ old: ReadModels, _ new: ReadModels) {
    let name = name
    add(
      { body in old.forEachEntry(of: name, body) }, { body in new.forEachEntry(of: name, body) })
  }

  /// Calls its argument for each entry; the same ones each time.
  typealias Entries = ((_ key: [UInt8], _ value: [UInt8]) -> Void) throws -> Void

  mutating func add(_ old: Entries, _ new: Entries) rethrows {
    let (ofOld, _) = try Self.digest(old)
    let (ofNew, count) = try Self.digest(new)
    before = before + ofOld
    after = after + ofNew
    entries += count
    guard ofOld != ofNew else { return }
    self.count(try EntryHash.all(old), try EntryHash.all(new))
  }

  private static func digest(_ entries: Entries) rethrows -> (Digest, count: Int) {
    let hash = BLAKE2b()
    var digest = Digest()
    var count = 0
    try entries { key, value in
      hash.update(key)
      hash.update(value)
      digest.add(entry: hash.finish())
      count += 1
    }
    return (digest, count)
  }

  /// Walks both in the order of their keys.
  private mutating func count(_ old: [EntryHash], _ new: [EntryHash]) {
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if right == new.count || (left < old.count && old[left].key < new[right].key) {
        extra += 1
        left += 1
      } else if left == old.count || new[right].key < old[left].key {
        missing += 1
        right += 1
      } else {
        if old[left].entry != new[right].entry { changed += 1 }
        left += 1
        right += 1
      }
    }
  }

  /// `equal`, or how many entries of what kind differ.
  package var sentence: String {
    if isEqual { return "equal, \(entries) entries" }
    return "\(differing) of \(entries) entries differ: "
      + "\(missing) were missing, \(extra) too many, \(changed) other"
  }

  package static func + (
    left: ProjectionComparison, right: ProjectionComparison
  ) -> ProjectionComparison {
    var sum = left
    sum.before = left.before + right.before
    sum.after = left.after + right.after
    sum.entries += right.entries
    sum.missing += right.missing
    sum.extra += right.extra
    sum.changed += right.changed
    return sum
  }
}

/// The first eight bytes of the hash of a key, and of the key with its value: enough to count what
/// differs; whether anything does, the digest says.
private struct EntryHash {
  var key: UInt64
  var entry: UInt64

  /// In the order of their keys.
  static func all(_ entries: ProjectionComparison.Entries) rethrows -> [EntryHash] {
    let hash = BLAKE2b()
    var all: [EntryHash] = []
    try entries { key, value in
      hash.update(key)
      let ofKey = lane(hash.finish())
      hash.update(key)
      hash.update(value)
      all.append(EntryHash(key: ofKey, entry: lane(hash.finish())))
    }
    return all.sorted { $0.key < $1.key }
  }

  private static func lane(_ bytes: [UInt8]) -> UInt64 {
    bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
