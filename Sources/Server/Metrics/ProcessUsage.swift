private import Glibc
private import Synchronization

/// What the process takes of the machine, as the kernel counts it.
struct ProcessUsage: Sendable {
  var residentBytes: UInt64 = 0
  var openDescriptors = 0
  var descriptorsMax: UInt64 = 0
  /// User and system time together.
  var processorSeconds = 0.0

  /// Of this process, now. Zero where the system does not tell. Lists all descriptors, which takes
  /// microseconds for each: not on a shard's thread.
  static func now() -> ProcessUsage {
    var usage = ProcessUsage()
    if let pages = words(of: "/proc/self/statm").dropFirst().first.flatMap({ UInt64($0) }) {
      usage.residentBytes = pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
    usage.openDescriptors = countDescriptors()
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      usage.descriptorsMax = UInt64(limit.rlim_cur)
    }
    var times = rusage()
    if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times) == 0 {
      usage.processorSeconds = seconds(times.ru_utime) + seconds(times.ru_stime)
    }
    return usage
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }

  private static func words(of path: String) -> [Substring] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
  }

  /// The one that it takes to count is not counted.
  private static func countDescriptors() -> Int {
    guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe closedir(directory) }
    var count = -1
    while let entry = unsafe readdir(directory) {
      if unsafe entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
    }
    return max(0, count)
  }
}

/// What was last looked up, for those who must not wait.
final class UsageSampler: Sendable {
  /// Between two looks.
  static let periodMs = 5_000

  private let newest = Mutex(ProcessUsage.now())

  var usage: ProcessUsage { newest.withLock { $0 } }

  /// Looks again; on a thread that may take its time.
  func refresh() {
    let usage = ProcessUsage.now()
    newest.withLock { $0 = usage }
  }
}
