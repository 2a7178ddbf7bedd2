internal import Domain
package import Journal

/// Turns what a snapshot holds of one read model after the other back into entries, in the order in
/// which it holds them.
package struct StoredEntries {
  private var candidates = StoredCandidates()

  package init() {}

  /// The entry that is stored as `key` and `value`; nil for what is only part of others.
  package mutating func entry(
    of name: ProjectionName, key: [UInt8], value: [UInt8]
  ) throws(CBORError) -> (key: [UInt8], value: [UInt8])? {
    switch name {
    case .home: try homeEntry(key, value)
    case .people, .graph, .timelines, .tags, .public, .inbox, .trending, .chats, .stories,
      .drafts, .reports:
      (key, value)
    }
  }

  private mutating func homeEntry(
    _ key: [UInt8], _ value: [UInt8]
  ) throws(CBORError) -> (key: [UInt8], value: [UInt8])? {
    var keyDecoder = CBORDecoder(key)
    var valueDecoder = CBORDecoder(value)
    if keyDecoder.isNull { return (key, value) }
    guard keyDecoder.isUInt else {
      try candidates.read(&keyDecoder, &valueDecoder)
      return nil
    }
    let (floor, entries) = try candidates.entries(of: try StoredRing(&valueDecoder))
    var encoder = CBOREncoder()
    Home.write(entries, floor: floor, to: &encoder)
    return (key, encoder.bytes)
  }
}
