import Domain
import Engine

/// `serve --verify-continuously`: the verifier with the thread that it has for itself, the last in
/// line for the processors.
final class StandingVerification: Sendable {
  private let thread: ThreadExecutor
  private let verifier: ContinuousVerifier
  private let running: Task<Void, Never>

  init(_ engine: Engine, percent: Int, log: @escaping @Sendable (String) -> Void) {
    var options = ContinuousVerifier.Options()
    options.percent = percent
    let thread = ThreadExecutor(name: "verification", niceness: 19)
    let verifier = ContinuousVerifier(engine: engine, options, executor: thread, log: log)
    self.thread = thread
    self.verifier = verifier
    running = Task(executorPreference: thread) { await verifier.run() }
  }

  var status: VerificationStatus { verifier.status }

  /// Returns when the thread has ended; before the shards do.
  func stop() async {
    verifier.end()
    await running.value
    thread.stop()
  }
}

extension VerificationStatus {
  /// The lines of INFO.
  var info: [(String, String)] {
    [
      ("verification_state", phase.rawValue),
      ("verification_position", position.description),
      ("verification_records_per_second", String(recordsPerSecond)),
      ("verification_passes", String(passes)),
      ("verification_last_position", lastPosition.description),
      ("verification_last_pass_time", lastPassed.map { String($0.ms) } ?? ""),
      ("verification_last_pass_ms", String(lastPassMs)),
      ("verification_mismatches", String(mismatches)),
      ("verification_mismatches_in_all", String(mismatchesInAll)),
      ("verification_differing", differing.joined(separator: ",")),
      ("verification_outdated", outdated.joined(separator: ",")),
    ]
  }
}
