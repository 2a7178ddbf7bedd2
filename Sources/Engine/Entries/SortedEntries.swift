internal import Domain
internal import Journal
package import Projections

/// Hands out the entries of a part in the order of their keys' bytes.
///
/// Memory: all keys, and the values of one pass; the state is walked once more for each pass.
package struct SortedEntries {
  /// Bytes of values held at a time.
  package static let passBytesMax = 64 << 20

  private let state: any StateEntries
  private let part: StatePart
  private let passBytes: Int

  package init(_ state: any StateEntries, of part: StatePart, passBytes: Int = passBytesMax) {
    self.state = state
    self.part = part
    self.passBytes = passBytes
  }

  /// Returns how many there were, and their digest.
  package func forEach(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws -> (count: Int, digest: Digest) {
    var keys: [(key: [UInt8], bytes: Int)] = []
    try state.forEachEntry(of: part) { key, value in keys.append((key.compact, value.count)) }
    keys.sort { $0.key.lexicographicallyPrecedes($1.key) }
    let hash = BLAKE2b()
    var digest = Digest()
    var start = 0
    while start < keys.count {
      var end = start
      var bytes = 0
      while end < keys.count, end == start || bytes + keys[end].bytes <= passBytes {
        bytes += keys[end].bytes
        end += 1
      }
      for (key, value) in try entries(from: keys[start].key, through: keys[end - 1].key) {
        hash.update(key)
        hash.update(value)
        digest.add(entry: hash.finish())
        try body(key, value)
      }
      start = end
    }
    return (keys.count, digest)
  }

  private func entries(
    from first: [UInt8], through last: [UInt8]
  ) throws -> [(key: [UInt8], value: [UInt8])] {
    var entries: [(key: [UInt8], value: [UInt8])] = []
    try state.forEachEntry(of: part) { key, value in
      guard !key.lexicographicallyPrecedes(first), !last.lexicographicallyPrecedes(key) else {
        return
      }
      entries.append((key.compact, value.compact))
    }
    return entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }
}

extension [UInt8] {
  /// A copy of its own size: what is handed out of an encoder has all of the encoder's room.
  var compact: [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    copy.append(contentsOf: self)
    return copy
  }
}
