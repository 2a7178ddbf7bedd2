internal import Glibc

/// Lets many readers in, or one that needs everybody out: the map moves when it grows.
///
/// Prefers the latter, so that readers cannot hold off growth for ever. Not reentrant.
@safe final class ReadWriteGate: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>

  init() {
    unsafe lock = .allocate(capacity: 1)
    var attributes = pthread_rwlockattr_t()
    unsafe pthread_rwlockattr_init(&attributes)
    unsafe pthread_rwlockattr_setkind_np(
      &attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
    let code = unsafe pthread_rwlock_init(lock, &attributes)
    unsafe pthread_rwlockattr_destroy(&attributes)
    precondition(code == 0, "a read-write lock can be made")
  }

  deinit {
    unsafe pthread_rwlock_destroy(lock)
    unsafe lock.deallocate()
  }

  func enter() {
    let code = unsafe pthread_rwlock_rdlock(lock)
    precondition(code == 0, "the gate can be entered")
  }

  func leave() { unsafe pthread_rwlock_unlock(lock) }

  func alone<R>(_ body: () throws(JournalError) -> R) throws(JournalError) -> R {
    let code = unsafe pthread_rwlock_wrlock(lock)
    precondition(code == 0, "the gate can be closed")
    defer { leave() }
    return try body()
  }
}
