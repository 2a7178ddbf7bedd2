internal import CEvent
internal import CPrctl
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

/// Asks the system for short turns of the calling thread on a processor. When it wakes, it then
/// goes before threads with longer ones at once, where it would wait for up to a tick of 4 ms
/// otherwise: so whoever does background work, handshakes or passwords, in this process or in
/// another, holds up a shard by no more than the switch.
///
/// Linux 6.12 and later; before, nothing changes.
func takeShortTurns() {
  _ = roost_set_slice(shortTurnNanoseconds)
}

/// The shortest that the system grants.
let shortTurnNanoseconds: UInt64 = 100_000

/// How long the calling thread's turns are, as the system says; nil if it does not.
func turnNanoseconds() -> Int64? {
  let slice = roost_slice()
  return slice > 0 ? slice : nil
}

/// A peer that is gone is an error of the write, not the end of the process.
func ignoreBrokenPipes() {
  _ = signal(SIGPIPE, SIG_IGN)
}
