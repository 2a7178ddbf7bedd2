import Domain
import Engine
import Entities
import Journal
import Synchronization
import Testing
import Wire

@testable import Server

/// Keys of which everybody's can be exchanged for another one.
private final class ExchangedKeys: KeyStore {
  private let keys = MemoryKeyStore()
  private let exchanged = Mutex<Set<UserID>>([])

  func exchange(_ user: UserID) { exchanged.withLock { _ = $0.insert(user) } }

  func key(of user: UserID) -> KeyLookup {
    if exchanged.withLock({ $0.contains(user) }) { return .key([UInt8](repeating: 7, count: 32)) }
    return keys.key(of: user)
  }

  func add(_ new: [(user: UserID, key: [UInt8])]) { keys.add(new) }
  func destroy(_ user: UserID) { keys.destroy(user) }
  func keys(after user: UserID?, max: Int) -> [(user: UserID, lookup: KeyLookup)] {
    keys.keys(after: user, max: max)
  }
  func check() {}
  func close() {}
}

@Suite(.timeLimit(.minutes(1)))
struct UnreadableTextTests {
  @Test func `a text that does not open is null, and the page has all others`() async throws {
    let keys = ExchangedKeys()
    let world = try await TestWorld(keys: keys)
    let alice = await world.person("alice")
    let bob = await world.person("bob")
    let post = await bob("POST", "from bob").string ?? ""
    #expect(await bob("POST", "from bob again").code == nil)
    #expect(await alice("POST", "from alice").code == nil)
    let auditor = Auditor(world.journal)
    #expect(try await auditor.verify().findings == [])
    keys.exchange(try #require(world.engine.names.id(of: Username("bob")!)))
    for _ in 0..<2 {
      let page = await alice("PUBLIC")
      #expect(page.code == nil)
      #expect("\(page)".contains("from alice") && !"\(page)".contains("from bob"), "\(page)")
    }
    #expect(world.service.metrics().contains("\nroost_unreadable_people 1\n"))
    // What is written anew would lose what cannot be read.
    #expect(await bob("EDIT", post, "new").code == "ERR")
    let findings = try await auditor.verify().findings
    #expect(findings.map(\.what) == ["the key store"])
    auditor.stop()
  }
}
