internal import CEpoll
internal import Glibc

/// Waits for many sockets at once: epoll, level-triggered.
@safe final class Poller {
  private static let eventsMax = 256

  struct Ready {
    var number: Int
    var canReceive: Bool
    var canSend: Bool
  }

  private let descriptor: Int32
  private var events = unsafe [epoll_event](repeating: epoll_event(), count: eventsMax)

  init() throws {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw BenchError("epoll cannot be had") }
  }

  deinit { close(descriptor) }

  /// Tells from now on when a socket can be read, under a number of the caller's.
  func add(_ socket: ClientSocket, as number: Int) throws {
    guard control(EPOLL_CTL_ADD, socket, number, false) else {
      throw BenchError("a socket cannot be waited for")
    }
  }

  /// Whether to tell also when it can be written.
  func change(_ socket: ClientSocket, as number: Int, alsoSending: Bool) {
    _ = control(EPOLL_CTL_MOD, socket, number, alsoSending)
  }

  func remove(_ socket: ClientSocket) { _ = control(EPOLL_CTL_DEL, socket, 0, false) }

  private func control(
    _ operation: Int32, _ socket: ClientSocket, _ number: Int, _ sending: Bool
  ) -> Bool {
    var event = unsafe epoll_event()
    unsafe event.events = EPOLLIN.rawValue | (sending ? EPOLLOUT.rawValue : 0)
    unsafe event.data.u64 = UInt64(number)
    return unsafe epoll_ctl(descriptor, operation, socket.descriptor, &event) == 0
  }

  /// What is ready, after at most so many nanoseconds.
  func wait(nanoseconds: UInt64) -> [Ready] {
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    let count = unsafe epoll_pwait2(descriptor, &events, Int32(Self.eventsMax), &time, nil)
    return (0..<Int(max(0, count))).map { index in
      let event = unsafe events[index]
      return Ready(
        number: Int(unsafe event.data.u64),
        canReceive: unsafe event.events & ~EPOLLOUT.rawValue != 0,
        canSend: unsafe event.events & EPOLLOUT.rawValue != 0)
    }
  }
}
