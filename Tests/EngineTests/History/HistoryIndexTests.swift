import Domain
import Engine
import Entities
import Journal
import Synchronization
import Testing

/// The index against a pass over all events, and its files against what can happen to them.
struct HistoryIndexTests {
  private func positions(_ index: HistoryIndex, _ filter: EventFilter) throws -> [Position] {
    var positions: [Position] = []
    try index.forEachEvent(filter) {
      positions.append($0.position)
      return true
    }
    return positions
  }

  /// What a filter means, once more.
  private static func admits(_ filter: EventFilter, _ record: Record) -> Bool {
    var concerned = [record.entity]
    if !filter.isOwn { forEachRecipient(of: record) { concerned.append($0) } }
    return (filter.from...max(filter.from, filter.through)).contains(record.position)
      && record.position <= filter.through
      && filter.entity.map { concerned.contains($0) } ?? true
      && filter.actor.map { $0 == record.actor } ?? true
      && (filter.types.isEmpty || filter.types.contains(EventType(record.event)))
  }

  /// All that can be asked of one entity, person or kind, answered by the index and by a pass.
  private func check(_ index: HistoryIndex, _ past: Past) throws {
    var filters: [EventFilter] = []
    for entity in past.entities {
      for isOwn in [false, true] {
        var filter = EventFilter()
        filter.entity = entity
        filter.isOwn = isOwn
        filters.append(filter)
      }
    }
    for actor in Set(past.records.map(\.actor)) {
      var filter = EventFilter()
      filter.actor = actor
      filters.append(filter)
    }
    for type in EventType.allCases {
      var filter = EventFilter()
      filter.types = [type]
      filters.append(filter)
    }
    var found = 0
    for filter in filters {
      let expected = past.records.filter { Self.admits(filter, $0) }.map(\.position)
      #expect(try positions(index, filter) == expected)
      found += expected.count
    }
    #expect(found > 4 * past.records.count)
  }

  @Test func `every event is found under its entities, its actor and its kind`() async throws {
    let past = try await Past(seed: 61, steps: 400)
    let index = try past.index()
    #expect(index.head == past.head && index.size.segments > 2)
    try check(index, past)
    // In another shape: of the standard one there is no file for so few.
    let small = try HistoryIndex(past.reader, directory: past.directory.path)
    #expect(small.size.segments == 0 && historyFiles(past.directory.path).isEmpty)
    try check(small, past)
  }

  @Test func `filters narrow each other, in a range`() async throws {
    let past = try await Past(seed: 62, steps: 250)
    let index = try past.index()
    var generator = SeededGenerator(seed: 1)
    let actors = Array(Set(past.records.map(\.actor))).sorted()
    let entities = past.entities.sorted { $0.description < $1.description }
    var found = 0
    for _ in 0..<200 {
      var filter = EventFilter()
      if Bool.random(using: &generator) { filter.actor = actors.randomElement(using: &generator) }
      if Bool.random(using: &generator) {
        filter.entity = entities.randomElement(using: &generator)
        filter.isOwn = Bool.random(using: &generator)
      }
      if Bool.random(using: &generator) {
        filter.types = Set(
          (0..<8).compactMap { _ in EventType.allCases.randomElement(using: &generator) })
      }
      filter.from = Position(UInt64.random(in: 0...past.head.raw, using: &generator))
      filter.through = Position(UInt64.random(in: 0...(past.head.raw + 9), using: &generator))
      let expected = past.records.filter { Self.admits(filter, $0) }.map(\.position)
      #expect(try positions(index, filter) == expected)
      var passed: [Position] = []
      try past.reader.forEachEvent(filter) {
        passed.append($0.position)
        return true
      }
      #expect(passed == expected)
      found += expected.count
    }
    #expect(found > 200)
  }

  @Test func `an index that was deleted comes back in the same files, however it grew`()
    async throws
  {
    let directory = TemporaryDirectory()
    var head = Position.zero
    for round in 0..<6 {
      let town = try await Town.open(directory.path)
      town.clock.set(town.clock.now.adding(ms: Int64(round) * 86_400_000))
      var people = Townspeople(town, seed: UInt64(70 + round))
      await people.live(60, from: "round\(round)")
      await town.close()
      let reader = try JournalReader(directory: directory.path)
      let index = try HistoryIndex(reader, directory: directory.path, shape: Past.shape)
      #expect(index.head > head)
      head = index.head
      reader.close()
    }
    let grown = historyFiles(directory.path)
    #expect(grown.count > 1)
    removeTree(directory.path + "/history")
    let reader = try JournalReader(directory: directory.path)
    _ = try HistoryIndex(reader, directory: directory.path, shape: Past.shape)
    #expect(historyFiles(directory.path) == grown)
    // And once more, with nothing to do.
    _ = try HistoryIndex(reader, directory: directory.path, shape: Past.shape)
    #expect(historyFiles(directory.path) == grown)
  }

  @Test func `what another journal or a longer one left behind is made anew`() async throws {
    let past = try await Past(seed: 63, steps: 150)
    let other = try await Past(seed: 64, steps: 200)
    _ = try other.index()
    copyTree(other.directory.path + "/history", to: past.directory.path + "/history")
    let notes = LogLines()
    let index = try HistoryIndex(
      past.reader, directory: past.directory.path, shape: Past.shape, note: { notes.add($0) })
    #expect(notes.all.contains { $0.contains("not of this journal") })
    try check(index, past)
    let files = historyFiles(past.directory.path)
    removeTree(past.directory.path + "/history")
    _ = try past.index()
    #expect(historyFiles(past.directory.path) == files)
  }

  @Test func `a journal that was rolled back and went on otherwise has its own index`()
    async throws
  {
    let directory = TemporaryDirectory()
    func live(_ seed: UInt64, _ steps: Int) async throws {
      let town = try await Town.open(directory.path, seed: seed)
      town.clock.set(town.clock.now.adding(ms: Int64(seed) * 3_600_000))
      var people = Townspeople(town, seed: seed)
      await people.live(steps, from: "seed\(seed)")
      await town.close()
    }
    try await live(1, 150)
    let kept = TemporaryDirectory()
    for name in ["journal", "keys"] {
      copyTree(directory.file(name), to: kept.file(name))
    }
    try await live(2, 200)
    try HistoryIndex(
      JournalReader(directory: directory.path), directory: directory.path, shape: Past.shape
    ).reader.close()
    for name in ["journal", "keys"] {
      removeTree(directory.file(name))
      copyTree(kept.file(name), to: directory.file(name))
    }
    removeTree(directory.file("snapshots"))
    try await live(3, 200)
    let reader = try JournalReader(directory: directory.path)
    let notes = LogLines()
    _ = try HistoryIndex(
      reader, directory: directory.path, shape: Past.shape, note: { notes.add($0) })
    #expect(notes.all.contains { $0.contains("not of this journal") })
    let mended = historyFiles(directory.path)
    removeTree(directory.path + "/history")
    _ = try HistoryIndex(reader, directory: directory.path, shape: Past.shape)
    #expect(historyFiles(directory.path) == mended)
  }

  @Test func `damage in any byte of a file changes no answer`() async throws {
    let past = try await Past(seed: 65, steps: 120)
    _ = try past.index()
    let whole = historyFiles(past.directory.path)
    var generator = SeededGenerator(seed: 2)
    var noted = 0
    for (name, bytes) in whole {
      for _ in 0..<3 {
        var damaged = bytes
        damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0x10
        if Bool.random(using: &generator) { damaged.removeLast(bytes.count / 3) }
        writeFile(past.directory.path + "/history/" + name, damaged)
        let notes = LogLines()
        let index = try HistoryIndex(
          past.reader, directory: past.directory.path, shape: Past.shape, note: { notes.add($0) })
        try check(index, past)
        noted += notes.all.count
        #expect(!notes.all.isEmpty)
        // The next use finds it whole or makes it so.
        _ = try past.index()
        #expect(historyFiles(past.directory.path) == whole)
      }
    }
    #expect(noted >= 3 * whole.count)
  }

  @Test func `what a killed writer left is removed, also between joining and removing parts`()
    async throws
  {
    let past = try await Past(seed: 66, steps: 200)
    _ = try past.index()
    let files = historyFiles(past.directory.path)
    let path = past.directory.path + "/history/"
    let long = try #require(files.keys.first { $0.hasPrefix("1-") })
    writeFile(path + "1-32", [1, 2, 3])
    writeFile(path + long + ".writing", [1, 2, 3])
    writeFile(path + "33-64.writing", [UInt8](repeating: 7, count: 9_000))
    try check(try past.index(), past)
    #expect(historyFiles(past.directory.path) == files)
  }

  @Test func `where it cannot be kept it is made in memory, and says so`() async throws {
    let past = try await Past(seed: 67, steps: 200)
    writeFile(past.directory.path + "/history", "no directory")
    let notes = LogLines()
    let index = try HistoryIndex(
      past.reader, directory: past.directory.path, shape: Past.shape, note: { notes.add($0) })
    #expect(notes.all.count == 1 && notes.all[0].contains("cannot be kept"))
    #expect(index.size.segments == 0)
    try check(index, past)
  }

  @Test func `several that make it at once leave one index`() async throws {
    let past = try await Past(seed: 68, steps: 200)
    let heads = try await withThrowingTaskGroup(of: Position.self) { group in
      for _ in 0..<4 { group.addTask { try past.index().head } }
      return try await group.reduce(into: [Position]()) { $0.append($1) }
    }
    #expect(heads == [Position](repeating: past.head, count: 4))
    let files = historyFiles(past.directory.path)
    removeTree(past.directory.path + "/history")
    try check(try past.index(), past)
    #expect(historyFiles(past.directory.path) == files)
  }

  @Test func `an idempotency key leads to what it was given for, by its owner alone`() async throws
  {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    var people = Townspeople(town, seed: 69)
    await people.live(80)
    let (one, other) = (people.users[0], people.users[1])
    func mark(_ user: UserID, _ key: String) async throws {
      _ = try await people.entity(user).perform(
        .changeProfile(isPrivate: nil, messages: .following, secret: Secret([.bio: key])), by: user,
        request: RequestKey(
          key: Array(key.utf8), argumentsDigest: [UInt8](repeating: 0, count: 32)))
    }
    try await mark(one, "k-1")
    try await mark(other, "k-1")
    try await mark(one, "k-2")
    await town.close()
    let reader = try JournalReader(directory: directory.path)
    let index = try HistoryIndex(reader, directory: directory.path, shape: Past.shape)
    for (user, key, count) in [
      (one, "k-1", 1), (other, "k-1", 1), (one, "k-2", 1), (other, "k-2", 0),
    ] {
      var filter = EventFilter()
      filter.actor = user
      filter.key = Array(key.utf8)
      let found = try positions(index, filter)
      #expect(found.count == count)
      for position in found {
        #expect(try reader.record(at: position)?.actor == user)
        #expect(try reader.secret(at: position) == .text(Secret([.bio: key])))
      }
    }
  }

  @Test func `a moment's position is that of the newest event by then`() async throws {
    let past = try await Past(seed: 60, steps: 120)
    for record in past.records {
      let newest = past.records.last { $0.time <= record.time }
      #expect(try past.reader.position(at: record.time) == newest?.position)
    }
    #expect(try past.reader.position(at: Instant(ms: 0)) == .zero)
    #expect(try past.reader.position(at: Instant(ms: .max)) == past.head)
  }

  @Test func `kinds of events are named as roost tail names them, or nearly`() {
    for type in EventType.allCases { #expect(EventType(name: type.name) == type) }
    #expect(EventType(name: "post.like") == nil)
    #expect(EventType.names(near: "post.like").first == "post.liked")
    #expect(EventType.names(near: "liked").first == "post.liked")
    #expect(EventType.names(near: "user.folowed").first == "user.followed")
    #expect(EventType.names(near: "xyzzyplugh").isEmpty)
  }
}
