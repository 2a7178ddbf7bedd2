package import Domain
internal import Journal
package import Projections

/// Finds the first event after which another fold of the same journal is not this one's: that of
/// another version.
///
/// The two are compared by digests at some places, then at some places of the stretch where they
/// part, and so on to the event. What differs between two places and not at them is not seen.
package struct FoldBisection {
  /// Places that are looked at in one pass over the journal.
  package static let looksMax = 16

  /// Of the other fold, by part, at each of some ascending positions.
  package typealias Digests = (_ positions: [Position]) throws -> [[String: String]]

  /// The event; nil if the folds are equal.
  package private(set) var position: Position?
  /// The parts that differ after it.
  package private(set) var parts: [String] = []
  /// How far was looked.
  package private(set) var end: Position

  /// Parts that only one of the two has are passed over.
  package init(
    _ journal: some RecordSource, parts: [StatePart], looks: Int = looksMax,
    report: ProgressReport? = nil, other: Digests
  ) throws {
    end = try journal.end()
    var low = FoldedEntries(of: parts)
    var high = end
    while low.position < high {
      let span = high.raw - low.position.raw
      let step = (span + UInt64(looks) - 1) / UInt64(looks)
      var places = stride(from: low.position.raw + step, to: high.raw, by: Int(step))
        .map { Position($0) }
      // Where they are known to differ is looked at no more.
      if position == nil { places.append(high) }
      if places.isEmpty { break }
      let theirs = try other(places)
      guard theirs.count == places.count else {
        throw EntriesError("the other program gave \(theirs.count) digests, not \(places.count)")
      }
      var state = low
      var parting: Position?
      for (place, their) in zip(places, theirs) {
        try state.run(journal, through: place, report: report)
        let differing = try Self.differences(state, parts, their)
        if !differing.isEmpty {
          parting = place
          self.parts = differing
          break
        }
        low = state
      }
      guard parting != nil || position != nil else { return }
      high = parting ?? high
      position = high
      if high.raw - low.position.raw == 1 { break }
    }
  }

  private static func differences(
    _ state: FoldedEntries, _ parts: [StatePart], _ theirs: [String: String]
  ) throws -> [String] {
    try parts.filter { part in
      guard let their = theirs[part.name] else { return false }
      return try state.digest(of: part).description != their
    }.map(\.name)
  }
}

extension StateEntries {
  /// As servers and reports give it.
  package func digest(of part: StatePart) throws -> Digest {
    let hash = BLAKE2b()
    var digest = Digest()
    try forEachEntry(of: part) { key, value in
      hash.update(key)
      hash.update(value)
      digest.add(entry: hash.finish())
    }
    return digest
  }
}
