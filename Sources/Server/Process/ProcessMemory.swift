internal import CMalloc
internal import CPrctl
internal import Glibc

/// The memory of this process: how much of it is kept, and who may look at it, for passwords and
/// keys are in it.
package enum ProcessMemory {
  /// Signals of a crash, after which Swift would print a report with what registers point at.
  private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT]

  /// Nobody but root, and nothing of it is left on the disk or in the log when the process crashes;
  /// what the crash itself says in a sentence stays.
  package static func shut() {
    let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    var limit = rlimit()
    if unsafe getrlimit(resource, &limit) == 0 {
      limit.rlim_cur = 0
      _ = unsafe setrlimit(resource, &limit)
    }
    let result = roost_set_dumpable(0)
    precondition(result == 0, "the system does not let this process forbid core dumps")
    for number in crashes { _ = signal(number, SIG_DFL) }
  }

  /// What a start needed and will not need again goes back to the system. Takes the allocator's
  /// locks for some milliseconds a gigabyte.
  package static func giveBack() { malloc_trim(0) }
}
