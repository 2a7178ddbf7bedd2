package import Domain
internal import Journal

extension ReadModels {
  /// Those that are folded, in the order of folding.
  private var held: [any Projection] { all.filter { folding.contains(type(of: $0).name) } }

  private var all: [any Projection] {
    [
      people, graph, timelines, home, tags, publicTimeline, inbox, trending, chats, stories,
      drafts, reports,
    ]
  }

  /// The digest of this shard's part of each read model; the sum over the shards does not depend on
  /// their number. Walks everything.
  package func digests() -> [(name: ProjectionName, digest: Digest)] {
    held.map { (type(of: $0).name, $0.digest) }
  }

  /// Of one of them.
  package func digest(of name: ProjectionName) -> Digest {
    all.reduce(Digest()) { sum, projection in
      type(of: projection).name == name ? sum + projection.digest : sum
    }
  }

  /// Every entry that this shard owns. Restore in the same order of names.
  package func forEachEntry(
    _ body: (_ name: ProjectionName, _ key: [UInt8], _ value: [UInt8]) -> Void
  ) {
    for projection in held {
      let name = type(of: projection).name
      projection.forEachEntry { body(name, $0, $1) }
    }
  }

  /// Every entry of one read model that this shard owns.
  package func forEachEntry(
    of name: ProjectionName, _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void
  ) {
    for projection in held where type(of: projection).name == name {
      projection.forEachEntry(body)
    }
  }

  /// The same as a snapshot holds it.
  package func forEachStored(
    of name: ProjectionName, _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void
  ) {
    for projection in held where type(of: projection).name == name {
      projection.forEachStored(body)
    }
  }

  /// Every stored entry that this shard owns.
  package func forEachStored(
    _ body: (_ name: ProjectionName, _ key: [UInt8], _ value: [UInt8]) -> Void
  ) {
    for name in ProjectionName.allCases { forEachStored(of: name) { body(name, $0, $1) } }
  }

  /// Puts back what was stored: all of `people` (of every shard) first, then of the others. When
  /// all are back, `finishRestoring`.
  package mutating func restore(
    _ name: ProjectionName, key: ArraySlice<UInt8>, value: ArraySlice<UInt8>
  ) throws(ProjectionError) {
    var key = CBORDecoder(key)
    var value = CBORDecoder(value)
    do throws(CBORError) {
      switch name {
      case .people: try people.restore(key: &key, value: &value)
      case .graph: try graph.restore(key: &key, value: &value, people: people)
      case .timelines: try timelines.restore(key: &key, value: &value, people: people)
      case .home: try home.restore(key: &key, value: &value, people: people)
      case .tags: try tags.restore(key: &key, value: &value)
      case .public: try publicTimeline.restore(key: &key, value: &value)
      case .inbox: try inbox.restore(key: &key, value: &value, people: people)
      case .trending: try trending.restore(key: &key, value: &value)
      case .chats: try chats.restore(key: &key, value: &value, people: people)
      case .stories: try stories.restore(key: &key, value: &value, people: people)
      case .drafts: try drafts.restore(key: &key, value: &value, people: people)
      case .reports: try reports.restore(key: &key, value: &value)
      }
    } catch {
      throw .badEntry(name, error)
    }
  }

  /// Derives what entries do not hold. The next record to fold is the one after `position`.
  package mutating func finishRestoring(at position: Position) {
    people.finishRestoring()
    if folding.contains(.graph) {
      graph.grow(toHold: people)
      graph.finishRestoring()
    }
    if folding.contains(.home) {
      home.grow(toHold: people)
      home.finishRestoring()
    }
    if folding.contains(.inbox) { inbox.finishRestoring() }
    if folding.contains(.chats) { chats.finishRestoring(people: people) }
    self.position = position
    people.position = position
    graph.position = position
    timelines.position = position
    home.position = position
    tags.position = position
    publicTimeline.position = position
    inbox.position = position
    trending.position = position
    chats.position = position
    stories.position = position
    drafts.position = position
    reports.position = position
  }
}
