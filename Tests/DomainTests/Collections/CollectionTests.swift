import Domain
import Testing

/// Each compact collection against the plain one of the standard library, by random operations.
struct CollectionTests {
  @Test(arguments: 0..<8 as Range<UInt64>)
  func `an id set is a set`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var set = IDSet<PostID>()
    var model = Set<UInt64>()
    for _ in 0..<600 {
      let raw = UInt64.random(in: 1...60, using: &random) << 40
      if Bool.random(using: &random) {
        #expect(set.insert(PostID(raw)) == model.insert(raw).inserted)
      } else {
        #expect(set.remove(PostID(raw)) == (model.remove(raw) != nil))
      }
      #expect(set.contains(PostID(raw)) == model.contains(raw))
      #expect(set.count == model.count)
    }
    #expect(set.all.map(\.raw) == model.sorted())
    #expect(set == IDSet(model.map { PostID($0) }))
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `a row index finds the row of every identifier, and none of others`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var index = RowIndex()
    var model: [UInt64: UInt32] = [:]
    for row in 0..<5_000 as Range<UInt32> {
      let raw = UInt64.random(in: 1..<1 << 63, using: &random)
      guard model[raw] == nil else { continue }
      let before = index
      index.insert(row, hash: mix64(raw))
      model[raw] = row
      #expect(before[mix64(raw)] == nil)
    }
    for (raw, row) in model {
      #expect(index[mix64(raw)] == row)
      #expect(index[mix64(raw ^ 1 << 62)] == model[raw ^ 1 << 62])
    }
    #expect(RowIndex()[mix64(0)] == nil)
  }

  /// Few are put in one after another, many sorted; twice, so that the second time some are there.
  @Test(arguments: [0, 1, 4_095, 4_096, 30_000])
  func `a row index takes in many rows as it takes one after another`(count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let hashes = (0..<UInt32(2 * count)).map { (row: $0, hash: mix64(random.next())) }
    var index = RowIndex()
    index.insert(contentsOf: Array(hashes.prefix(count)))
    let before = index
    index.insert(contentsOf: Array(hashes.dropFirst(count)))
    #expect(hashes.allSatisfy { index[$0.hash] == $0.row })
    #expect(hashes.prefix(count).allSatisfy { before[$0.hash] == $0.row })
    #expect(hashes.dropFirst(count).allSatisfy { before[$0.hash] == nil })
    #expect(index[mix64(random.next())] == nil)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `an id map is a dictionary`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var map = IDMap<UserID, Int>()
    var model: [UserID: Int] = [:]
    for step in 0..<600 {
      let key = UserID(.random(in: 1...60, using: &random))
      let value = Bool.random(using: &random) ? step : nil
      map[key] = value
      model[key] = value
      #expect(map[key] == model[key])
    }
    #expect(map.entries.map(\.key) == model.keys.sorted())
    #expect(map.entries.allSatisfy { model[$0.key] == $0.value })
  }

  @Test(arguments: 0..<8 as Range<UInt64>, [UInt64(1) << 20, 1 << 40])
  func `a position map is a dictionary, below 2^32 and above`(seed: UInt64, top: UInt64) {
    var random = SeededGenerator(seed: seed)
    var map = PositionMap()
    var model: [UserID: Position] = [:]
    for _ in 0..<600 {
      let key = UserID(.random(in: 1...60, using: &random) << 30)
      let isKept = Bool.random(using: &random)
      let position = isKept ? Position(.random(in: 1...top, using: &random)) : nil
      map[key] = position
      model[key] = position
      #expect(map[key] == model[key])
      #expect(map.count == model.count)
    }
    var listed: [UserID] = []
    map.forEach { user, position in
      listed.append(user)
      #expect(model[user] == position)
    }
    #expect(listed == model.keys.sorted())
  }

  @Test func `what a position map once held does not show`() {
    var once = PositionMap()
    once[bert] = Position(1 << 33)
    once[bert] = nil
    once[anna] = Position(3)
    var never = PositionMap()
    never[anna] = Position(3)
    #expect(once == never)
    never[anna] = Position(4)
    #expect(once != never)
  }

  @Test(arguments: 0..<8 as Range<UInt64>, [10, 400] as [UInt64])
  func `an actor log keeps the order of joining`(seed: UInt64, people: UInt64) {
    var random = SeededGenerator(seed: seed)
    var log = ActorLog<ShareID>()
    var model: [(user: UserID, position: Position)] = []
    for step in 1...1_500 as ClosedRange<UInt64> {
      let user = UserID(.random(in: 1...people, using: &random))
      if Int.random(in: 0..<5, using: &random) < 3 {
        log.append(user, at: Position(step), ShareID(step * 2))
        if !model.contains(where: { $0.user == user }) { model.append((user, Position(step))) }
      } else {
        log.remove(user)
        model.removeAll { $0.user == user }
      }
      #expect(log.contains(user) == model.contains { $0.user == user })
      #expect(log.count == model.count)
    }
    var entries: [ActorLog<ShareID>.Entry] = []
    log.forEach { entry in
      entries.append(entry)
      return true
    }
    #expect(entries.map(\.key) == model.map(\.user))
    #expect(entries.map(\.position) == model.map(\.position))
    #expect(entries.allSatisfy { $0.payload.raw == $0.position.raw * 2 })
    var fresh = ActorLog<ShareID>()
    for entry in entries { fresh.append(entry.key, at: entry.position, entry.payload) }
    #expect(fresh == log)
    expectPage(log, entries)
  }

  private func expectPage(_ log: ActorLog<ShareID>, _ entries: [ActorLog<ShareID>.Entry]) {
    let cut = entries[entries.count / 2]
    var page: [ActorLog<ShareID>.Entry] = []
    log.forEachNewest(before: cut.position) { entry in
      page.append(entry)
      return page.count < 3
    }
    let expected = entries.filter { $0.position < cut.position }.reversed().prefix(3)
    #expect(page == Array(expected))
    #expect(log[cut.key] == cut)
  }

  @Test func `actor logs differ by order and payload`() {
    var first = ActorLog<ShareID>()
    first.append(anna, at: Position(1), ShareID(1))
    first.append(bert, at: Position(2), ShareID(2))
    var second = ActorLog<ShareID>()
    second.append(bert, at: Position(1), ShareID(1))
    second.append(anna, at: Position(2), ShareID(2))
    #expect(first != second)
    second = first
    second.append(anna, at: Position(3), ShareID(9))
    #expect(first == second)
  }
}
