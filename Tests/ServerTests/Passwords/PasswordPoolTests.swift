import Domain
import Testing

@testable import Server

struct PasswordPoolTests {
  @Test(.timeLimit(.minutes(1)))
  func `as many passwords wait as may, and one more is refused at once`() async throws {
    let waitingMax = 3
    // Without a thread everything waits.
    let pool = PasswordPool(threads: 0, waitingMax: waitingMax)
    try await withThrowingTaskGroup { group in
      for number in 1...waitingMax {
        group.addTask { try await pool.hash("a long password \(number)") }
        while pool.waitingCount < number { await Task.yield() }
      }
      let refused = await #expect(throws: Rejection.self) {
        try await pool.hash("one more password")
      }
      #expect(refused?.code == .busy)
      #expect(pool.waitingCount == waitingMax)
      pool.start(threads: 1)
      var hashes: Set<String> = []
      for try await hash in group { hashes.insert(hash) }
      #expect(hashes.count == waitingMax)
    }
    // There is room again.
    let hash = try await pool.hash("one more password")
    #expect(try await pool.verify("one more password", against: hash))
  }
}
