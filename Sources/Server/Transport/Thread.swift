internal import CEvent
internal import Glibc

/// Starts a thread that leaves the process's signals to others; nil if there can be none.
/// `niceness` lowers its claim on the processors.
func startThread(
  named name: String, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void
) -> pthread_t? {
  let start = ThreadStart(name: name, niceness: niceness, body: body)
  var thread = pthread_t()
  let argument = unsafe Unmanaged.passRetained(start)
  let result = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
      start.run()
      return nil
    }, argument.toOpaque())
  guard result == 0 else {
    unsafe argument.release()
    return nil
  }
  return thread
}

private final class ThreadStart: Sendable {
  let name: String
  let niceness: Int32
  let body: @Sendable () -> Void

  init(name: String, niceness: Int32, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.niceness = niceness
    self.body = body
  }

  func run() {
    _ = unsafe pthread_setname_np(pthread_self(), name)
    // Of the calling thread alone, on Linux.
    if niceness > 0 { _ = nice(niceness) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2] {
      unsafe sigaddset(&signals, signal)
    }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    body()
  }
}

/// A peer that is gone is an error of the write, not the end of the process.
func ignoreBrokenPipes() {
  _ = signal(SIGPIPE, SIG_IGN)
}
