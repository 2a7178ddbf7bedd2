import Domain
import Engine
import Entities
import Journal
import Testing

struct ErasureTests {
  /// Somebody who wrote a name, and somebody who stays.
  private func people(_ town: Town) async throws -> (gone: UserID, stays: UserID) {
    var ids: [UserID] = []
    for text in ["gone", "stays"] {
      let id = UserID(town.engine.shards[0].ids.next())
      let name = try #require(Username(text))
      let secret = Secret([.name: "The words of \(text)"])
      _ = try await user(id, town).perform(.signUp(username: name, secret: secret), by: id)
      ids.append(id)
    }
    return (ids[0], ids[1])
  }

  private func user(_ id: UserID, _ town: Town) -> EntityActor<UserState> {
    town.engine.shard(of: .user(id)).directory.users.findOrMake(id)
  }

  private func secrets(_ directory: String) throws -> [SecretReading] {
    let reader = try JournalReader(directory: directory)
    return try (1...2).map { try reader.secret(at: Position($0)) }
  }

  @Test(arguments: [true, false], [(1, 4), (4, 1), (2, 2)])
  func `whoever was erased is so after a start, from a snapshot or without`(
    takesSnapshot: Bool, shards: (before: Int, after: Int)
  ) async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path, shards: shards.before)
    let (gone, stays) = try await people(town)
    let hash = blake2b256([1])
    _ = try await user(gone, town).perform(
      .issueToken(
        TokenID(7), scope: .write, expires: nil, hash: hash, secret: nil, granted: .write),
      by: gone)
    await town.settle()
    #expect(town.engine.tokens.holder(of: hash, at: town.clock.now)?.user == gone)
    _ = try await user(gone, town).perform(.erase, by: gone)
    await town.settle()
    #expect(town.engine.tokens.holder(of: hash, at: town.clock.now) == nil)
    #expect(town.engine.names.erased == [gone])
    try await town.engine.archivist.destroyKey(of: gone)
    if takesSnapshot { _ = try await town.snapshot() }
    let digests = try await town.engine.digests()
    await town.close()

    town = try await Town.open(directory.path, shards: shards.after)
    #expect(town.engine.names.isErased(gone))
    #expect(!town.engine.names.isErased(stays))
    #expect(town.engine.tokens.holder(of: hash, at: town.clock.now) == nil)
    let name = try #require(Username("gone"))
    #expect(town.engine.names.id(of: name) == gone)
    #expect(try await town.engine.digests() == digests)
    let refusal = await #expect(throws: Rejection.self) {
      try await user(gone, town).perform(.mute(stays), by: gone)
    }
    #expect(refusal == .erasedUser)
    #expect(!town.log.all.contains { $0.contains("their key is destroyed now") })
    await town.close()
  }

  @Test(arguments: [true, false])
  func `a key that a crash left is destroyed at the next start`(takesSnapshot: Bool) async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    let (gone, _) = try await people(town)
    _ = try await user(gone, town).perform(.erase, by: gone)
    await town.settle()
    if takesSnapshot { _ = try await town.snapshot() }
    // The process ends here: the event is durable, the key is still there.
    await town.close()
    #expect(try secrets(directory.path)[0] == .text(Secret([.name: "The words of gone"])))

    town = try await Town.open(directory.path)
    #expect(town.log.all.filter { $0.contains("their key is destroyed now") }.count == 1)
    await town.close()
    let secrets = try secrets(directory.path)
    #expect(secrets[0] == .erased)
    #expect(secrets[1] == .text(Secret([.name: "The words of stays"])))
    let verification = try Verification.verify(directory: directory.path, isQuick: false)
    #expect(verification.problems == [])

    town = try await Town.open(directory.path)
    #expect(!town.log.all.contains { $0.contains("their key is destroyed now") })
    await town.close()
  }

  @Test func `an operator sees an erased person as clients do`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.path)
    let (gone, stays) = try await people(town)
    let post = PostID(town.engine.shards[0].ids.next())
    let facts = PostFacts(
      author: gone, visibility: .public, tags: [], mentions: [stays, gone])
    _ = try await town.engine.shard(of: .post(post)).directory.posts.findOrMake(post)
      .perform(.publish(facts, secret: Secret([.text: "Hidden words"])), by: gone)
    await town.settle()
    let before = town.journal.durable
    _ = try await user(gone, town).perform(.erase, by: gone)
    await town.settle()
    try await town.engine.archivist.destroyKey(of: gone)
    await town.close()

    let reader = try JournalReader(directory: directory.path)
    let replay = try Replay(reader, through: .end)
    let person = try #require(try replay.view(of: .user("gone"))?.text)
    #expect(person.contains(#""username":"GONE""#) && person.contains(#""erased":true"#))
    #expect(!person.contains("The words of"))
    let view = try #require(try replay.view(of: .post(post))?.text)
    #expect(view.contains(#""author":"GONE""#) && view.contains(#""status":"erased""#))
    #expect(view.contains(#""text":null"#) && view.contains(#""mentions":["stays","GONE"]"#))
    let earlier = try Replay(reader, through: .position(before))
    let then = try #require(try earlier.view(of: .user("gone"))?.text)
    #expect(then.contains(#""username":"gone""#) && then.contains(#""name":null"#))
  }
}
