internal import CEvent
internal import Glibc

/// A descriptor that other threads make readable to end a loop's wait.
final class WakeUp: EventHandler, Sendable {
  let descriptor: Int32

  init() {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(descriptor >= 0, "the system has no descriptor for a wake-up")
  }

  /// From any thread. About 50 µs until an idle thread runs.
  func signal() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Nothing to do: ending the wait was the purpose, and the edge need not be read away.
  func eventFired(_ source: EventSource) {}

  deinit {
    _ = close(descriptor)
  }
}
