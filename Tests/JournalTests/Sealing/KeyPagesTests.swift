import Domain
import Testing

@testable import Journal

/// Keys are passed page by page: what takes its time with them holds up nobody.
struct KeyPagesTests {
  /// Whose keys are passed and not destroyed; `body` runs at the first of them.
  private func passed(
    _ count: UInt64, pageMax: Int, _ body: (Journal) throws -> Void = { _ in }
  ) throws -> [UserID] {
    let directory = TemporaryDirectory()
    let journal = try openJournal(directory)
    defer { journal.drainAndStop() }
    for raw in 1...count { journal.createKey(for: UserID(raw)) }
    _ = try journal.enqueue(.post(1, by: UserID(1), text: "text"))
    _ = try journal.commitQueued()
    var users: [UserID] = []
    try journal.log.keys.forEach(pageMax: pageMax) { user, lookup throws(JournalError) in
      if users.isEmpty {
        do { try body(journal) } catch { throw .damage(nil, "\(error)") }
      }
      if lookup != .destroyed { users.append(user) }
    }
    return users
  }

  @Test(arguments: [1, 2, 3, 6, 7, 8])
  func `all are passed once and in order, however many a page has`(pageMax: Int) throws {
    #expect(try passed(7, pageMax: pageMax) == (1...7).map { UserID($0) })
  }

  @Test func `a key that is destroyed between two pages is destroyed in the second`() throws {
    let users = try passed(7, pageMax: 3) { try $0.destroyKey(of: UserID(6)) }
    #expect(users == [1, 2, 3, 4, 5, 7].map { UserID($0) })
    let late = try passed(7, pageMax: 3) { try $0.destroyKey(of: UserID(2)) }
    #expect(late == (1...7).map { UserID($0) })
  }
}
