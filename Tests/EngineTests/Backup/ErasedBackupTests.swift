import Domain
import Engine
import Entities
import Journal
import Testing

/// Two people with something to say; one of them is erased after the first backup.
private struct Story {
  let bench = BackupBench()
  let gone: UserID
  let stays: UserID
  let chat: ChatID
  /// Of the first backup.
  let before: Position
  let town: Town

  var old: String { bench.directory.file("old") }

  init() async throws {
    let town = try await Town.open(bench.data)
    self.town = town
    let ids = town.engine.shards[0].ids
    (gone, stays) = (UserID(ids.next()), UserID(ids.next()))
    chat = ChatID(ids.next())
    for (user, name) in [(gone, "gone"), (stays, "stays")] {
      let secret = Secret([.name: "Name of \(name)"])
      let username = try #require(Username(name))
      _ = try await town.engine.shard(of: .user(user)).directory.users.findOrMake(user)
        .perform(.signUp(username: username, secret: secret), by: user)
    }
    let members = [gone, stays]
    let group = town.engine.shard(of: .chat(chat)).directory.chats.findOrMake(chat)
    _ = try await group.perform(
      .open(isDirect: false, members: members, secret: Secret([.title: "Both"])), by: gone)
    _ = try await group.perform(
      .say(MessageID(ids.next()), reply: nil, secret: Secret([.text: "A message"])), by: gone)
    await town.settle()
    before = try await bench.backUp(town).position
    copyTree(bench.backup, to: old)
  }

  func erase() async throws {
    let user = town.engine.shard(of: .user(gone)).directory.users.findOrMake(gone)
    let erased = try await user.perform(.erase, by: gone)
    await town.engine.reached(erased.position)
    try await town.engine.archivist.destroyKey(of: gone)
  }

  /// What there is to read in a restored directory of the two names.
  func names() throws -> [SecretReading] {
    let reader = try JournalReader(directory: bench.restored)
    return try [1, 2].map { try reader.secret(at: Position($0)) }
  }

  static let both: [SecretReading] = [
    .text(Secret([.name: "Name of gone"])), .text(Secret([.name: "Name of stays"])),
  ]
  static let one: [SecretReading] = [.erased, both[1]]
}

struct ErasedBackupTests {
  @Test func `restored to before an erasure, the erased person is erased`() async throws {
    let story = try await Story()
    try await story.erase()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    let report = try story.bench.restore(story.bench.options(.position(story.before)))
    #expect(report.position == story.before)
    // They leave the group, the other becomes its admin, and they are erased.
    #expect(report.appended == 3)
    #expect(try story.names() == Story.one)
    try story.bench.verifies()
    let then = try refoldDigests(story.bench.restored, through: .position(story.before))
    #expect(then == (try refoldDigests(story.bench.data, through: .position(story.before))))
    let town = try await Town.open(story.bench.restored)
    #expect(town.engine.names.erased == [story.gone])
    #expect(!town.log.all.contains { $0.contains("destroyed now") })
    let group = town.engine.shard(of: .chat(story.chat)).directory.chats.findOrMake(story.chat)
    let (members, admins) = await group.read {
      ($0.members.map(\.user), $0.members.filter(\.isAdmin).map(\.user))
    }.value
    #expect(members == [story.stays] && admins == [story.stays])
    await town.close()
  }

  @Test func `no file of a backup holds a destroyed key, and the old keys file is gone`()
    async throws
  {
    let story = try await Story()
    let keys = try BackupReader(directory: story.bench.backup).keysForTests()
    let key = try #require(keys[story.gone])
    try await story.erase()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    let left = try BackupReader(directory: story.bench.backup).keysForTests()
    #expect(left[story.gone] == nil && left[story.stays] == keys[story.stays])
    let reader = try BackupReader(directory: story.bench.backup)
    #expect(reader.manifest.erasures.map(\.user) == [story.gone])
    for name in fileNames(story.bench.backup) {
      #expect(!readFile(story.bench.backup + "/" + name).contains(key), "\(name)")
    }
  }

  @Test func `an old copy of a backup brings text back, unless it is told who was erased`()
    async throws
  {
    let story = try await Story()
    try await story.erase()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    var options = story.bench.options(from: story.old)
    #expect(try story.bench.restore(options).appended == 0)
    #expect(try story.names() == Story.both)

    let list = story.bench.directory.file("list")
    let erasures = try Erasures.read(story.bench.data)
    #expect(erasures.map(\.user) == [story.gone])
    writeFile(list, erasures.map { Erasures.line($0) + "\n" }.joined())
    for source in [story.bench.data, story.bench.backup, list] {
      options.erasures = [source]
      let report = try story.bench.restore(options)
      #expect(report.appended == 3)
      #expect(try story.names() == Story.one, "\(source)")
      try story.bench.verifies()
    }
    options.isQuick = true
    try story.bench.restore(options)
    #expect(try story.names() == Story.one)
    #expect(try refoldDigests(story.bench.restored).position > story.before)
  }

  @Test func `erased between the event and the destruction of the key, it is not backed up`()
    async throws
  {
    let story = try await Story()
    let user = story.town.engine.shard(of: .user(story.gone)).directory.users
      .findOrMake(story.gone)
    _ = try await user.perform(.erase, by: story.gone)
    await story.town.settle()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    try story.bench.restore(story.bench.options())
    #expect(try story.names() == Story.one)
  }

  @Test func `without keys, they are taken from elsewhere or nobody's text is restored`()
    async throws
  {
    let story = try await Story()
    let keyless = story.bench.directory.file("keyless")
    let report = try await story.town.engine.backups.backup(to: keyless, withKeys: false)
    #expect(report.keys == nil)
    try await story.erase()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    var options = story.bench.options(from: keyless)
    #expect(throws: BackupError.noKeys(path: keyless)) { try story.bench.restore(options) }
    for source in [story.bench.data, story.bench.backup] {
      options.keys = source
      try story.bench.restore(options)
      #expect(try story.names() == Story.one)
      try story.bench.verifies()
    }
    // An old copy of the keys knows nothing of the erasure.
    options.keys = story.old
    try story.bench.restore(options)
    #expect(try story.names() == Story.both)
    options.erasures = [story.bench.data]
    try story.bench.restore(options)
    #expect(try story.names() == Story.one)
    options = story.bench.options(from: keyless)
    options.isWithoutText = true
    try story.bench.restore(options)
    #expect(try story.names() == [.erased, .erased])
    try story.bench.verifies()
  }

  @Test func `erasures of another journal, and lists that are none, are refused`() async throws {
    let story = try await Story()
    await story.town.close()
    let other = story.bench.directory.file("other")
    let town = try await Town.open(other, seed: 9)
    var people = Townspeople(town, seed: 1)
    await people.live(5)
    await town.close()
    var options = story.bench.options()
    options.erasures = [other]
    #expect(throws: BackupError.otherJournal(path: other)) { try story.bench.restore(options) }
    let list = story.bench.directory.file("list")
    options.erasures = [list]
    for text in ["17\n", "user:\n", "user:17 x\n", "user:17 4 5\n", "post:17\n"] {
      writeFile(list, text)
      #expect(throws: ImportError.self) { try story.bench.restore(options) }
    }
    writeFile(list, "user:17 4711\n\nuser:18\n")
    #expect(try story.bench.restore(options).appended == 0)
    #expect(try story.names() == Story.both)
  }

  @Test func `the operator gets a new token`() async throws {
    let story = try await Story()
    let system = story.town.engine.shard(of: .user(.system)).directory.users.findOrMake(.system)
    let name = try #require(Username("admin"))
    _ = try await system.perform(.signUp(username: name, secret: nil), by: .system)
    await story.town.settle()
    _ = try await story.bench.backUp(story.town)
    await story.town.close()
    var options = story.bench.options()
    options.adminToken = "a token"
    #expect(try story.bench.restore(options).hasAdminToken)
    #expect(readFile(story.bench.restored + "/admin.token") == Array("a token\n".utf8))
    try story.bench.verifies()
    let town = try await Town.open(story.bench.restored)
    let holder = town.engine.tokens.holder(
      of: blake2b256(Array("a token".utf8)), at: story.bench.clock.now)
    #expect(holder?.user == .system && holder?.scope == .admin)
    await town.close()
    options.limit = .position(story.before)
    #expect(try story.bench.restore(options).hasAdminToken == false)
    #expect(!FileSizes.exists(story.bench.restored + "/admin.token"))
  }
}

extension BackupReader {
  fileprivate func keysForTests() throws -> [UserID: [UInt8]] {
    var keys: [UserID: [UInt8]] = [:]
    try forEachKey { keys[$0] = $1 }
    return keys
  }
}

extension [UInt8] {
  /// Whether other bytes stand in these, one after another.
  fileprivate func contains(_ other: [UInt8]) -> Bool {
    guard let first = other.first, count >= other.count else { return false }
    return (0...(count - other.count)).contains {
      self[$0] == first && self[$0..<($0 + other.count)].elementsEqual(other)
    }
  }
}
