internal import Glibc
internal import Synchronization

/// Wakes one sleeping thread. Ringing a bell that has rung already costs one atomic operation.
@safe final class Bell: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private let hasRung = Atomic(false)

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let code = unsafe pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
    precondition(code == 0, "a bell can be made")
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  func ring() {
    if hasRung.exchange(true, ordering: .acquiringAndReleasing) { return }
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Sleeps until the bell has rung since the last wait, or for `ms` milliseconds.
  func wait(ms: Int?) {
    var until = timespec()
    if let ms {
      unsafe clock_gettime(CLOCK_MONOTONIC, &until)
      let nanoseconds = until.tv_nsec + (ms % 1_000) * 1_000_000
      until.tv_sec += ms / 1_000 + nanoseconds / 1_000_000_000
      until.tv_nsec = nanoseconds % 1_000_000_000
    }
    unsafe pthread_mutex_lock(mutex)
    while !hasRung.load(ordering: .acquiring) {
      if ms == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else if unsafe pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT {
        break
      }
    }
    hasRung.store(false, ordering: .releasing)
    unsafe pthread_mutex_unlock(mutex)
  }
}

/// Milliseconds on a clock that never goes back; for intervals only, so not injected.
func monotonicMs() -> Int { Int(monotonicNanoseconds() / 1_000_000) }
