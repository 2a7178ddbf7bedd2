private import Glibc
private import Synchronization

/// Threads that do pieces of work beside each other.
package enum Workers {
  /// More would hold more states in memory than one journal's reading can feed.
  package static let threadsMax = 8

  /// As many as there are processors, at most `threadsMax`.
  package static var threadsDefault: Int {
    min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), threadsMax)
  }

  /// Between two looks of the calling thread.
  private static let lookEveryUs: UInt32 = 20_000

  /// Runs the jobs on so many threads, in their order as threads become free, and returns when all
  /// are done; meanwhile calls `look` on the calling thread now and then. At most `threads` jobs
  /// are under way at once.
  static func run(
    _ jobs: [@Sendable () -> Void], threads: Int, look: () -> Void
  ) {
    let queue = JobQueue(jobs)
    // A task may come back to its thread after others have done all the work: so each is waited
    // for, and not the jobs.
    let executors = (0..<min(threads, jobs.count)).map { ThreadExecutor(name: "worker \($0)") }
    for executor in executors {
      Task(executorPreference: executor) { queue.work() }
    }
    while queue.ended < executors.count {
      usleep(lookEveryUs)
      look()
    }
    for executor in executors { executor.stop() }
  }
}

/// Jobs in order, each taken once.
private final class JobQueue: Sendable {
  private let jobs: [@Sendable () -> Void]
  private let taken = Atomic<Int>(0)
  private let endedWorkers = Atomic<Int>(0)

  init(_ jobs: [@Sendable () -> Void]) { self.jobs = jobs }

  /// Workers that found nothing left to do.
  var ended: Int { endedWorkers.load(ordering: .acquiring) }

  func work() {
    while case let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue, index < jobs.count {
      jobs[index]()
    }
    endedWorkers.wrappingAdd(1, ordering: .releasing)
  }
}
