import Domain
import Engine
import Journal
private import Synchronization

/// Verifies the journal beside its writer, on a thread of its own that takes what processor time is
/// left.
final class Auditor: Sendable {
  private let worker: Worker
  private let thread = ThreadExecutor(name: "auditor", niceness: 10)
  private let isAtWork = Atomic<Bool>(false)

  init(_ journal: Journal) { worker = Worker(journal, executor: thread) }

  /// Throws BUSY while another call is under way.
  func verify() async throws -> (position: Position, findings: [Finding]) {
    guard !isAtWork.exchange(true, ordering: .acquiringAndReleasing) else {
      throw Rejection(.busy, "a verification is under way, try again later")
    }
    defer { isAtWork.store(false, ordering: .releasing) }
    return try await worker.verify()
  }

  /// Ends what is under way; returns when nothing is read any more.
  func stop() {
    worker.isStopping.store(true, ordering: .relaxed)
    thread.stop()
  }

  private actor Worker {
    nonisolated let isStopping = Atomic<Bool>(false)
    private let journal: Journal
    private let executor: any SerialExecutor

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      unsafe executor.asUnownedSerialExecutor()
    }

    init(_ journal: Journal, executor: any SerialExecutor) {
      self.journal = journal
      self.executor = executor
    }

    func verify() throws -> (position: Position, findings: [Finding]) {
      var through = Position.zero
      let report = try JournalVerifier(journal).report(unsealing: true) {
        progress throws(JournalError) in
        if isStopping.load(ordering: .relaxed) { throw .stopped }
        through = progress.position
      }
      return (through, report.findings)
    }
  }
}
