internal import Domain
internal import Journal

extension Graph {
  private enum Part: UInt64, CaseIterable {
    case following = 0
    case followers = 1
    case blocks = 2
    case blockedBy = 3
    case mutes = 4
    case requestsReceived = 5
    case requestsMade = 6
    case reach = 7
    case tags = 8
  }

  /// Entries: [part, row] → [rows of people in order, ordinals of removed edges], packed; for the
  /// reach [count, is celebrity]; for followed hashtags their texts.
  package func forEachEntry(_ body: ([UInt8], [UInt8]) -> Void) {
    var entry = EntryWriter()
    for row in 0..<following.count {
      let person = PersonIndex(UInt32(row))
      if !following.isBlank(person) {
        Self.write(
          following.edges(of: person), following.holes(of: person), .following, person, &entry)
        entry.emit(to: body)
      }
      if !followers.isBlank(person) {
        Self.write(
          followers.edges(of: person), followers.holes(of: person), .followers, person, &entry)
        entry.emit(to: body)
      }
      if reach[row].isLocal, reach[row].count > 0 || isCelebrity(person) {
        Self.writeKey(.reach, person, &entry)
        entry.value.array(2)
        entry.value.uint(UInt64(reach[row].count))
        entry.value.bool(isCelebrity(person))
        entry.emit(to: body)
      }
    }
    restrictions.forEach { person, own in
      let parts: [(Part, EdgeList)] = [
        (.blocks, own.blocks), (.blockedBy, own.blockedBy), (.mutes, own.mutes),
        (.requestsReceived, own.requestsReceived), (.requestsMade, own.requestsMade),
      ]
      for (part, list) in parts where !list.isBlank {
        Self.write(list.edges[...], list.holes, part, person, &entry)
        entry.emit(to: body)
      }
      guard !own.tags.isEmpty else { return }
      Self.writeKey(.tags, person, &entry)
      entry.value.array(own.tags.all.count)
      for tag in own.tags.all { entry.value.text(tag.text) }
      entry.emit(to: body)
    }
  }

  private static func writeKey(_ part: Part, _ person: PersonIndex, _ entry: inout EntryWriter) {
    entry.key.array(2)
    entry.key.uint(part.rawValue)
    entry.key.person(person)
  }

  private static func write(
    _ edges: ArraySlice<PersonIndex>, _ holes: [UInt32], _ part: Part, _ person: PersonIndex,
    _ entry: inout EntryWriter
  ) {
    writeKey(part, person, &entry)
    entry.value.array(2)
    entry.value.packed(edges)
    entry.value.packed(holes)
  }

  /// What an entry means.
  static func shapes(_ key: inout CBORDecoder) throws(CBORError) -> EntryShapes {
    try key.array(of: 2)
    guard let part = Part(rawValue: try key.uint()) else { throw .invalidValue }
    let value: EntryShape =
      switch part {
      case .following, .followers, .blocks, .blockedBy, .mutes, .requestsReceived, .requestsMade:
        .fields(["people": .packed(.person), "removed": .packed(.number)])
      case .reach: .fields(["followers": .number, "celebrity": .flag])
      case .tags: .each(.tag)
      }
    return EntryShapes(.fields(["list": .choice(Part.self), "of": .person]), value)
  }

  /// People must have been restored before.
  mutating func restore(
    key: inout CBORDecoder, value: inout CBORDecoder, people: People
  ) throws(CBORError) {
    grow(toHold: people)
    try key.array(of: 2)
    guard let part = Part(rawValue: try key.uint()) else { throw .invalidValue }
    let person = try key.person()
    guard person.row < people.count else { throw .invalidValue }
    if part == .tags {
      for _ in 0..<(try value.array()) {
        let tag = Tag(folded: try value.text())
        if people.isLocal(person) { follow(tag, by: person) }
      }
      return
    }
    try value.array(of: 2)
    if part == .reach {
      let count = try value.uint()
      guard count <= UInt64(UInt32.max) else { throw .outOfRange }
      reach[person.row].count = UInt32(count)
      celebrities[person] = try value.bool()
      return
    }
    let edges = try value.packed().people()
    let holes = try value.packed().words()
    guard edges.allSatisfy({ $0.row < people.count }) else { throw .invalidValue }
    guard people.isLocal(person) else { return }
    keep(edges, holes, part, person)
  }

  private mutating func keep(
    _ edges: [PersonIndex], _ holes: [UInt32], _ part: Part, _ person: PersonIndex
  ) {
    switch part {
    case .following:
      following.restore(edges, holes: holes, of: person, keepsMembers: true)
      if placement.shardCount > 1 {
        for other in edges { localFollowers.appendNew(person, of: other) }
      }
    case .followers:
      // With one shard, followers are appended by `appendNew` alone.
      let keepsMembers = placement.shardCount > 1
      followers.restore(edges, holes: holes, of: person, keepsMembers: keepsMembers)
    case .blocks: restrict(person) { $0.blocks = EdgeList(edges: edges, holes: holes) }
    case .blockedBy: restrict(person) { $0.blockedBy = EdgeList(edges: edges, holes: holes) }
    case .mutes: restrict(person) { $0.mutes = EdgeList(edges: edges, holes: holes) }
    case .requestsReceived:
      restrict(person) { $0.requestsReceived = EdgeList(edges: edges, holes: holes) }
    case .requestsMade: restrict(person) { $0.requestsMade = EdgeList(edges: edges, holes: holes) }
    case .reach, .tags: break
    }
  }

  /// Gives back what was reserved for more.
  mutating func finishRestoring() {
    following.finishRestoring()
    followers.finishRestoring()
    localFollowers.finishRestoring()
  }
}
