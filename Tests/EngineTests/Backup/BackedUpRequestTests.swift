import Domain
import Engine
import Entities
import Testing

@testable import Journal

/// Somebody who repeats themself: requests with idempotency keys, and what copies know of them.
private struct Caller {
  let user: UserID
  let town: Town

  init(_ town: Town) async throws {
    self.town = town
    user = UserID(town.engine.shards[0].ids.next())
    let name = try #require(Username("somebody"))
    _ = try await actor.perform(.signUp(username: name, secret: nil), by: user)
  }

  private var actor: EntityActor<UserState> {
    town.engine.shard(of: .user(user)).directory.users.findOrMake(user)
  }

  static func request(_ key: [UInt8]) -> RequestKey {
    RequestKey(key: key, argumentsDigest: blake2b256(key))
  }

  func call(_ key: [UInt8], _ count: Int) async throws {
    _ = try await actor.perform(
      .answerRequest(.count(count)), by: user, request: Self.request(key))
  }

  /// Three requests on each of eight days; answers of the first days are gone in the end.
  func callForDays() async throws {
    for day in 0..<8 as Range<UInt8> {
      for index in 0..<3 as Range<UInt8> {
        try await call([day, index], Int(index))
        await town.settle()
      }
      town.clock.set(town.clock.now.adding(ms: 86_400_000))
    }
  }
}

/// The answer in a directory that nobody writes, looked up at a moment.
private func stored(
  _ directory: String, _ user: UserID, _ key: [UInt8], at now: Instant
) throws -> StoredRequest? {
  let journal = try Journal.open(
    directory: directory, clock: SetClock(now), random: SeededRandom(seed: 1))
  defer { journal.drainAndStop() }
  return try journal.request(of: user, key: key)
}

private func exportEvents(
  _ directory: String, to path: String, isPrivate: Bool = false,
  _ limit: Refold.Limit = .end
) throws -> String {
  var options = Export.Options(format: .jsonl)
  options.isPrivate = isPrivate
  options.limit = limit
  _ = try Export.run(try JournalReader(directory: directory), to: path, options)
  return String(decoding: readFile(path + "/events.jsonl"), as: UTF8.self)
}

extension BackupBench {
  fileprivate func importEvents(_ export: String, into name: String) throws -> String {
    let path = directory.file(name)
    _ = try EventImport.run(
      export + "/events.jsonl", into: path, clock: clock, random: SeededRandom(seed: 5))
    return path
  }
}

struct BackedUpRequestTests {
  @Test func `idempotency keys up to there come along, later ones do not`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    let caller = try await Caller(town)
    for index in 0..<30 as Range<UInt8> { try await caller.call([index], Int(index)) }
    await town.settle()
    _ = try await bench.backUp(town)
    let now = town.clock.now
    await town.close()
    for kept in [0, 1, 17, 30] as [UInt8] {
      try bench.restore(bench.options(.position(Position(UInt64(kept) + 1))))
      for index in 0..<30 as Range<UInt8> {
        let request = try stored(bench.restored, caller.user, [index], at: now)
        #expect(request?.outcome == (index < kept ? .count(Int(index)) : nil), "\(index), \(kept)")
        #expect(request == nil || request?.argumentsDigest == blake2b256([index]))
      }
    }
  }

  @Test func `what is made of a journal that was set back is whole, over and over`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    let caller = try await Caller(town)
    try await caller.callForDays()
    _ = try await bench.backUp(town)
    await town.close()
    try bench.verifies(bench.data)
    for raw in [4, 11, 25] as [UInt64] {
      try bench.restore(bench.options(.position(Position(raw))))
      try bench.verifies()
      // A backup of that, and what is restored from it.
      let second = bench.directory.file("second-\(raw)")
      try bench.backUp(bench.restored, to: second)
      try bench.restore(bench.options(from: second))
      try bench.verifies()
      // An export of that, and what is made of it.
      for isPrivate in [true, false] {
        let name = "\(isPrivate)-\(raw)"
        let path = bench.directory.file("export-" + name)
        _ = try exportEvents(bench.restored, to: path, isPrivate: isPrivate)
        try bench.verifies(try bench.importEvents(path, into: "imported-" + name))
      }
    }
  }

  @Test func `a request whose answer was too old is not done again`() async throws {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    let caller = try await Caller(town)
    try await caller.callForDays()
    _ = try await bench.backUp(town)
    await town.close()
    try bench.restore(bench.options(.position(Position(7))))
    let again = try await Town.open(bench.restored, at: Town.opening.adding(ms: 86_400_000))
    let ledger = again.engine.shard(of: .user(caller.user)).requests
    await #expect(
      throws: Rejection(.conflict, "this key was used, and its answer is not known any more")
    ) { try await ledger.admit(Caller.request([1, 2]), of: caller.user) }
    guard case .run = try await ledger.admit(Caller.request([2, 0]), of: caller.user) else {
      Issue.record("a new key is new")
      return
    }
    let person = again.engine.shard(of: .user(caller.user)).directory.users
      .findOrMake(caller.user)
    let request = Caller.request([99])
    _ = try await person.perform(.answerRequest(.count(1)), by: caller.user, request: request)
    await again.close()
    try bench.verifies()
  }

  /// Of the tree at positions, all of which lie inside a block.
  private func roots(_ directory: String, at positions: [Position]) throws -> [TreeHash] {
    let reader = try JournalReader(directory: directory)
    let tree = try reader.tree()
    return try positions.map { position in
      let block = try #require(try reader.rawBlock(atOrBefore: position))
      #expect(try BlockHeader.read(block.bytes).last > position)
      return try tree.root(at: position)
    }
  }

  @Test func `a position may lie inside a request and inside a block`() throws {
    let bench = BackupBench()
    let clock = SetClock(Town.opening)
    let journal = try Journal.open(
      directory: bench.data, clock: clock, random: SeededRandom(seed: 3))
    var engine = OfflineEngine(journal: journal, clock: clock)
    let members = (0..<6).map { _ in UserID(engine.ids.next()) }
    for (index, user) in members.enumerated() {
      let name = try #require(Username("member\(index)"))
      _ = try engine.perform(.signUp(username: name, secret: nil), by: user)
    }
    let chat = ChatID(engine.ids.next())
    _ = try engine.perform(
      .open(isDirect: false, members: members, secret: Secret([.title: "All"])), on: chat,
      by: members[0])
    try engine.commit()
    // The only admin leaves, and somebody else becomes one: two events each, all in one block.
    var parted: [Position] = []
    for index in 0..<5 {
      let before = journal.enqueued
      let key = Caller.request([UInt8(index)])
      _ = try engine.perform(.leave, on: chat, by: members[index], request: key)
      #expect(journal.enqueued.raw - before.raw == 2)
      parted.append(before.next)
    }
    try engine.commit()
    let digests = engine.state.digests()
    journal.drainAndStop()
    try bench.backUp(bench.data, to: bench.backup)
    let roots = try roots(bench.data, at: parted)
    for (index, position) in parted.enumerated() {
      let report = try bench.restore(bench.options(.position(position)))
      #expect(report.position == position && report.root == roots[index])
      let then = try refoldDigests(bench.data, through: .position(position))
      #expect(report.digests == then && then != digests)
      try bench.verifies()
      let path = bench.directory.file("export-\(position)")
      _ = try exportEvents(bench.data, to: path, .position(position))
      let imported = try bench.importEvents(path, into: "imported-\(position)")
      try bench.verifies(imported)
      // Half of it is done: it is not done again, and the ones before are as they were.
      for directory in [bench.restored, imported] {
        let key = [UInt8(index)]
        let half = try stored(directory, members[index], key, at: Town.opening)
        #expect(half?.position == position && half?.argumentsDigest == [])
      }
      if index > 0 {
        let whole = try stored(
          bench.restored, members[index - 1], [UInt8(index - 1)], at: Town.opening)
        #expect(whole?.argumentsDigest == blake2b256([UInt8(index - 1)]))
      }
    }
  }

  @Test func `what was asked is told by no open export, and of no one who is erased`()
    async throws
  {
    let bench = BackupBench()
    let town = try await Town.open(bench.data)
    let caller = try await Caller(town)
    try await caller.call([7], 1)
    await town.settle()
    let old = bench.directory.file("old")
    _ = try await bench.backUp(town, to: old)
    let now = town.clock.now
    await town.close()
    let digest = hexadecimal(blake2b256([7]))
    let path = bench.directory.file("export")
    #expect(try exportEvents(bench.data, to: path + "1").contains(digest) == false)
    #expect(try exportEvents(bench.data, to: path + "2", isPrivate: true).contains(digest))
    let imported = try bench.importEvents(path + "1", into: "imported")
    try bench.verifies(imported)
    let answer = try #require(try stored(imported, caller.user, [7], at: now))
    #expect(answer.argumentsDigest == [] && answer.outcome == .count(1))

    let later = try await Town.open(bench.data)
    let actor = later.engine.shard(of: .user(caller.user)).directory.users.findOrMake(caller.user)
    let erased = try await actor.perform(.erase, by: caller.user)
    await later.engine.reached(erased.position)
    try await later.engine.archivist.destroyKey(of: caller.user)
    _ = try await bench.backUp(later)
    await later.close()
    #expect(try exportEvents(bench.data, to: path + "3", isPrivate: true).contains(digest) == false)
    // A backup that is made now, and an old one that is told of the erasure.
    bench.clock.set(now)
    var options = bench.options(from: old)
    options.erasures = [bench.data]
    for options in [bench.options(), options] {
      try bench.restore(options)
      try bench.verifies()
      #expect(try stored(bench.restored, caller.user, [7], at: now)?.argumentsDigest == [])
    }
    var entries: [[UInt8]] = []
    let backup = try BackupFrameReader(
      directory: bench.backup, name: BackupFormat.segmentName(Position(1)),
      magic: BackupFormat.segmentMagic)
    while let frame = try backup.nextFrame() { entries.append(frame) }
    #expect(!entries.isEmpty)
    #expect(entries.allSatisfy { !hexadecimal($0).contains(digest) })
  }
}
