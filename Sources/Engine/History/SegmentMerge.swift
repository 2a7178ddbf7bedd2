internal import Domain
internal import Journal

extension Segment {
  /// Writes consecutive segments as one. Memory: a block of each.
  static func merge(
    _ segments: [Segment], to sink: ([UInt8]) throws(JournalError) -> Void
  ) throws {
    let first = segments[0].first
    var writer = SegmentWriter(first: first)
    var walks = segments.map { SegmentTerms($0) }
    var heads: [(term: [UInt8], offsets: [UInt32])?] = []
    for index in walks.indices { heads.append(try walks[index].next()) }
    while let term = heads.compactMap({ $0?.term }).min(by: { $0.lexicographicallyPrecedes($1) }) {
      var offsets: [UInt32] = []
      for index in heads.indices {
        guard let head = heads[index], head.term == term else { continue }
        let shift = UInt32(segments[index].first.raw - first.raw)
        guard let last = head.offsets.last, last <= UInt32.max - shift else {
          throw SegmentDamage("its offsets go beyond its end")
        }
        offsets += head.offsets.map { $0 + shift }
        heads[index] = try walks[index].next()
      }
      try writer.add(term, offsets, to: sink)
    }
    let newest = segments[segments.count - 1]
    try writer.finish(last: newest.last, link: newest.footer.link, to: sink)
  }
}
