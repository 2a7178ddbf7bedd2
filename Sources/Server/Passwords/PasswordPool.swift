package import Domain
private import Glibc
import Journal
private import Synchronization

/// Argon2id on a few threads of its own, with a bounded queue: a flood of log-ins costs the shards
/// nothing and memory no more than `threads × 19 MiB`.
package final class PasswordPool: PasswordHasher {
  /// Passwords that may wait for a thread; one more is refused.
  package static let waitingMax = 256
  /// Whoever is logged in goes before whoever wants to be; but on a machine that is busy with other
  /// things the least claim on the processors would let nobody in.
  private static let niceness: Int32 = 5

  private struct Work: Sendable {
    var run: @Sendable () -> Void
  }

  private let state = Mutex<(queue: [Work], isStopped: Bool)>(([], false))
  private let semaphore = WorkSemaphore()
  private let waitingMax: Int
  /// Of a password that nobody has: checked where there is no such user, so that all answers take
  /// alike.
  private let decoy: String

  /// `threads` threads; two keep a two-core machine's log-ins from starving each other.
  package init(threads: Int, waitingMax: Int = PasswordPool.waitingMax) {
    decoy = Argon2id.hash("a password that nobody has")
    self.waitingMax = waitingMax
    start(threads: threads)
  }

  /// So many more.
  func start(threads: Int) {
    for _ in 0..<threads {
      guard let thread = startThread(named: "passwords", niceness: Self.niceness, { self.work() })
      else { preconditionFailure("no thread for password hashes") }
      pthread_detach(thread)
    }
  }

  var waitingCount: Int { state.withLock { $0.queue.count } }

  package func hash(_ password: String) async throws(Rejection) -> String {
    try await submit { Argon2id.hash(password) }
  }

  package func verify(_ password: String, against hash: String?) async throws(Rejection) -> Bool {
    let reference = hash ?? decoy
    let fits = try await submit { Argon2id.fits(password, reference) }
    return fits && hash != nil
  }

  private func submit<Value: Sendable>(
    _ work: @escaping @Sendable () -> Value
  ) async throws(Rejection) -> Value {
    let value: Value? = await withCheckedContinuation { continuation in
      let isAccepted = state.withLock { state in
        guard state.queue.count < waitingMax else { return false }
        state.queue.append(Work { continuation.resume(returning: work()) })
        return true
      }
      if isAccepted { semaphore.post() } else { continuation.resume(returning: nil) }
    }
    guard let value else {
      throw Rejection(.busy, "too many passwords are being checked, try again")
    }
    return value
  }

  private func work() {
    while true {
      semaphore.wait()
      let work = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
      work?.run()
    }
  }
}

/// Wakes as many threads as there is work.
@safe private final class WorkSemaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  func post() { unsafe sem_post(semaphore) }

  func wait() {
    while unsafe sem_wait(semaphore) != 0 && errno == EINTR {}
  }
}
