import Glibc

/// What of a process would make its runs unlike those of others.
enum SameEverywhere {
  private static let variable = "SWIFT_DETERMINISTIC_HASHING"

  /// Begins the process anew with hash tables alike in all processes: their order decides in which
  /// order entities are written into a snapshot. Makes room for the files that crashed servers,
  /// which are never freed, leave open.
  static func ensure() {
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      limit.rlim_cur = limit.rlim_max
      _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard unsafe getenv(variable) == nil else { return }
    _ = unsafe setenv(variable, "1", 1)
    var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
    _ = unsafe execv("/proc/self/exe", &arguments)
    // Without another process the run is one all the same, if not the same one.
  }
}
