/// The executor of one actor: its jobs stay in order, and run when the scheduler picks this lane.
///
/// Also a task executor, so that work without an actor of its own has somewhere to run.
@safe final class Lane: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Everything here is touched on the scheduler's thread only, which `enqueue` checks.
  let number: Int
  private unowned let scheduler: SeededScheduler
  private var jobs: [UnownedJob] = []
  private var first = 0

  init(number: Int, scheduler: SeededScheduler) {
    self.number = number
    self.scheduler = scheduler
  }

  func enqueue(_ job: consuming ExecutorJob) { take(UnownedJob(job)) }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// What a client's delivery does on behalf of a session counts as being on its lane.
  func checkIsolated() {
    precondition(scheduler.current === self, "a step runs on a lane that it does not own")
  }

  func take(_ job: UnownedJob) {
    scheduler.checkThread()
    jobs.append(job)
    if jobs.count - first == 1 { scheduler.becameReady(self) }
  }

  /// Runs the oldest job; true if more wait.
  func runFirst() -> Bool {
    let job = jobs[first]
    first += 1
    if first == jobs.count {
      jobs.removeAll(keepingCapacity: true)
      first = 0
    }
    let wasEmpty = jobs.isEmpty
    unsafe job.runSynchronously(
      isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    // If it was empty and no longer is, `take` has announced it.
    return !wasEmpty
  }

  func abandon() {
    jobs = []
    first = 0
  }
}
