private import Glibc
private import Synchronization

/// A thread that runs an actor's work: for what is too slow for the shards.
///
/// `stop` ends it; work that is enqueued afterwards is a programming error.
@safe package final class ThreadExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
  private struct Work {
    var jobs: [UnownedJob] = []
    var isStopping = false
    /// By how much the thread is about to lower its claim on the processors.
    var niceness: Int32 = 0
  }

  private var work = Work()
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var thread = pthread_t()
  private let name: String

  /// `niceness` lowers the thread's claim on the processors: 0 is as any other, 19 takes what is
  /// left. The name is for people.
  package init(name: String, niceness: Int32 = 0) {
    self.name = name
    work.niceness = niceness
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    let code = unsafe pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, nil)
    precondition(code == 0, "a mutex and a condition can be made")
    let this = unsafe Unmanaged.passRetained(self).toOpaque()
    let started = unsafe pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        unsafe Unmanaged<ThreadExecutor>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, this)
    precondition(started == 0, "a thread can be made")
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    withLock {
      precondition(!$0.isStopping, "the thread \(name) has been stopped")
      $0.jobs.append(job)
    }
    unsafe pthread_cond_signal(condition)
  }

  /// Runs what is enqueued and ends the thread; returns when it has ended. Once, from outside it.
  package func stop() {
    withLock { $0.isStopping = true }
    unsafe pthread_cond_signal(condition)
    pthread_join(thread, nil)
  }

  /// Lowers the thread's claim on the processors from the next job on, as at its start.
  package func giveWay(by niceness: Int32) {
    withLock { $0.niceness = niceness }
    unsafe pthread_cond_signal(condition)
  }

  private func run() {
    while let jobs = takeJobs() {
      for job in jobs {
        unsafe job.runSynchronously(
          isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      }
    }
  }

  /// Nil when the thread is to end.
  private func takeJobs() -> [UnownedJob]? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while work.jobs.isEmpty, work.niceness == 0 {
      if work.isStopping { return nil }
      unsafe pthread_cond_wait(condition, mutex)
    }
    // On Linux the value belongs to the thread, not to the process.
    if work.niceness > 0 { _ = nice(work.niceness) }
    work.niceness = 0
    let jobs = work.jobs
    work.jobs = []
    return jobs
  }

  private func withLock(_ body: (inout Work) -> Void) {
    unsafe pthread_mutex_lock(mutex)
    body(&work)
    unsafe pthread_mutex_unlock(mutex)
  }
}
