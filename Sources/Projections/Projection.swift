package import Domain
package import Journal

/// A read model as a keyed fold: a plain value, changed by committed records only, taken apart into
/// entries and put together again from them.
///
/// Each entry belongs to exactly one shard. Restoring offers every entry of every shard to every
/// shard; each takes what it needs, so a snapshot fits any number of shards.
package protocol Projection: Sendable {
  /// As the wire and the snapshots name it.
  static var name: ProjectionName { get }
  /// Part of a snapshot's fingerprint: raised whenever the same records would give other entries.
  static var foldVersion: UInt32 { get }
  /// Raised, to the new `foldVersion`, whenever entries are written or stored otherwise than
  /// before. Where it stays, what an older fold left can be read, and serves while it is built
  /// anew.
  static var encodingVersion: UInt32 { get }
  /// The newest record folded.
  var position: Position { get }
  /// Calls `body` with the canonical encoding of each entry that this shard owns, in no particular
  /// order.
  func forEachEntry(_ body: (_ key: [UInt8], _ value: [UInt8]) -> Void)
  /// The same as a snapshot holds it, in the order in which it has to be restored: the entries, or
  /// what `StoredEntries` makes them of.
  func forEachStored(_ body: (_ key: [UInt8], _ value: [UInt8]) -> Void)
}

extension Projection {
  package func forEachStored(_ body: (_ key: [UInt8], _ value: [UInt8]) -> Void) {
    forEachEntry(body)
  }

  /// Walks all entries: for operators and tests, on a frozen copy, away from the shard's thread.
  package var digest: Digest {
    var adder = DigestAdder()
    forEachEntry { adder.add(key: $0, value: $1) }
    return adder.digest
  }
}

/// In the order in which a record passes through them.
package enum ProjectionName: String, Sendable, CaseIterable {
  case people
  case graph
  case timelines
  case home
  case tags
  case `public`
  case inbox
  case trending
  case chats
  case stories
  case drafts
  case reports
}

/// Why the read models stop. Never expected: the caller ends the process and says so.
package enum ProjectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A record came that is not the next one.
  case outOfOrder(expected: Position, got: Position)
  /// A snapshot's entry does not read.
  case badEntry(ProjectionName, CBORError)

  package var description: String {
    switch self {
    case .outOfOrder(let expected, let got):
      "the read models expected position \(expected) and got \(got)"
    case .badEntry(let name, let error):
      "an entry of the projection \(name.rawValue) does not read: \(error)"
    }
  }
}

/// Writes entries one after another into the same two buffers.
struct EntryWriter: ~Copyable {
  var key = CBOREncoder()
  var value = CBOREncoder()

  /// Hands over what was written and starts over.
  mutating func emit(to body: ([UInt8], [UInt8]) -> Void) {
    body(key.bytes, value.bytes)
    key.reset()
    value.reset()
  }
}
