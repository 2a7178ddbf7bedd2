import Domain
import Entities
import Glibc

/// Runs the jobs of all actors on one thread, in an order that the seed decides.
///
/// Each actor has a lane of its own; whenever a job has run, any lane with jobs may be next. So
/// every interleaving that `await` permits can happen, and the same seed gives the same one.
@safe final class SeededScheduler: @unchecked Sendable {
  // Everything here is touched on one thread only, which `checkThread` checks.
  var generator: SeededGenerator
  var trace = Trace()
  /// Jobs that were on their way to the global executor; the command path has none.
  private(set) var escapedJobs = 0
  private(set) var current: Lane?
  private var lanes: [Lane] = []
  /// Lanes of servers that crashed: their actors may still be referred to, and never run.
  private var retired: [Lane] = []
  private var ready: [Lane] = []
  private let thread = pthread_self()
  private var isRetiring = false

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  func makeLane() -> Lane {
    checkThread()
    let lane = Lane(number: lanes.count + retired.count, scheduler: self)
    lanes.append(lane)
    return lane
  }

  var hasReady: Bool { !ready.isEmpty }

  /// Runs one job of a lane that chance picks. There must be one.
  func runJob() {
    let index = generator.below(ready.count)
    let lane = ready[index]
    ready[index] = ready[ready.count - 1]
    ready.removeLast()
    trace.note(.job, lane.number)
    current = lane
    if lane.runFirst() { ready.append(lane) }
    current = nil
  }

  /// Runs `body` as if it were a job of the lane.
  func enter<Value>(_ lane: Lane, _ body: () throws -> Value) rethrows -> Value {
    let outer = current
    current = lane
    defer { current = outer }
    return try body()
  }

  /// Ends every actor at once: nothing of what waits will ever run.
  func abandonAll() {
    for lane in lanes { lane.abandon() }
    retired.append(contentsOf: lanes)
    lanes = []
    ready = []
  }

  func becameReady(_ lane: Lane) {
    if isLive(lane) { ready.append(lane) }
  }

  private func isLive(_ lane: Lane) -> Bool { lane.number >= retired.count }

  func checkThread() {
    precondition(
      pthread_equal(pthread_self(), thread) != 0, "a job was enqueued from another thread")
  }

  /// A job for the global executor: runs here, and is counted.
  func adopt(_ job: UnownedJob) {
    escapedJobs += 1
    trace.note(.escaped)
    makeLane().take(job)
  }
}

/// Every actor gets a lane of its own.
struct LaneSource: ExecutorSource {
  let scheduler: SeededScheduler

  init(_ scheduler: SeededScheduler) { self.scheduler = scheduler }

  func executor() -> any SerialExecutor & TaskExecutor { scheduler.makeLane() }
}
