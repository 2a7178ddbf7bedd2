import Domain
import Journal
import Server

/// In place of Argon2id: instant and reproducible, yet a suspension on a lane of its own, as the
/// real one is on another thread. Fit for simulation only.
actor SimulatedHasher: PasswordHasher {
  private let lane: Lane

  init(lane: Lane) { self.lane = lane }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe lane.asUnownedSerialExecutor()
  }

  func hash(_ password: String) async throws(Rejection) -> String {
    Self.compute(password)
  }

  func verify(_ password: String, against hash: String?) async throws(Rejection) -> Bool {
    Self.compute(password) == hash
  }

  private static func compute(_ password: String) -> String {
    "$simulated$\(stableHash64(of: password))"
  }
}

/// What a simulated process does not offer.
struct SimulatedOperations: Operations {
  func snapshot() async throws -> Position { throw Rejection(.busy, "no snapshots here") }

  func digests() async throws -> (position: Position, named: [(name: String, digest: String)]) {
    throw Rejection(.busy, "no digests here")
  }

  func verifyJournal() async throws -> (position: Position, findings: [Finding]) {
    throw Rejection(.busy, "no verification here")
  }

  var parameters: [Parameter] { [] }

  func shutdown() {}

  func info() -> [(section: String, lines: [(String, String)])] { [] }
}
