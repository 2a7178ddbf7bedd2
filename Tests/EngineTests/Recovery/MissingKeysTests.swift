import Domain
import Engine
import Entities
import Journal
import Testing

struct MissingKeysTests {
  private func signUp(_ name: String, _ secret: Secret?, in town: Town) async throws -> UserID {
    let id = UserID(town.engine.shards[0].ids.next())
    let user = town.engine.shard(of: .user(id)).directory.users.findOrMake(id)
    let username = try #require(Username(name))
    _ = try await user.perform(.signUp(username: username, secret: secret), by: id)
    await town.settle()
    return id
  }

  @Test(arguments: [true, false])
  func `keys that are older than the journal are refused at the start`(
    takesSnapshot: Bool
  ) async throws {
    let directory = TemporaryDirectory()
    let data = directory.file("data")
    let secret = Secret([.name: "A name"])
    var town = try await Town.open(data)
    _ = try await signUp("alice", secret, in: town)
    await town.close()
    copyTree(data + "/keys", to: directory.file("keys"))
    town = try await Town.open(data)
    let bob = try await signUp("bob", secret, in: town)
    let carol = try await signUp("carol", nil, in: town)
    let post = PostID(town.engine.shards[0].ids.next())
    let facts = PostFacts(author: carol, visibility: .public)
    _ = try await town.engine.shard(of: .post(post)).directory.posts.findOrMake(post)
      .perform(.publish(facts, secret: Secret([.text: "Hello"])), by: carol)
    await town.settle()
    if takesSnapshot { _ = try await town.snapshot() }
    await town.close()
    town = try await Town.open(data)
    await town.close()

    removeTree(data + "/keys")
    copyTree(directory.file("keys"), to: data + "/keys")
    let error = await #expect(throws: MissingKeys.self) { _ = try await Town.open(data) }
    #expect(error?.count == 2 && error?.first == bob && error?.directory == data)
    #expect(error?.description.contains("the keys of 2 people") == true)
  }

  @Test func `who never wrote anything needs no key`() async throws {
    let directory = TemporaryDirectory()
    var town = try await Town.open(directory.path)
    _ = try await signUp("quiet", nil, in: town)
    await town.close()
    town = try await Town.open(directory.path)
    #expect(town.engine.names.count == 1)
    await town.close()
  }
}
