internal import Engine
internal import Glibc

/// What processes take of the machine.
enum ProcessFigures {
  /// User and system time of this one, in seconds.
  static var ownSeconds: Double {
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// User and system time of another, in seconds; nil if it cannot be read.
  static func seconds(of pid: Int) -> Double? {
    // The name before may hold anything, but ends with the last parenthesis.
    guard let text = firstLine("/proc/\(pid)/stat"), let name = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[name...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[12]), let system = Double(fields[13]) else {
      return nil
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The resident bytes of another; nil if they cannot be read.
  static func residentBytes(of pid: Int) -> Int? {
    guard let text = firstLine("/proc/\(pid)/statm") else { return nil }
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  private static func firstLine(_ path: String) -> String? {
    guard var reader = try? LineReader(path: path), let line = try? reader.next() else {
      return nil
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// As many descriptors as the system lets this process have.
  static func raiseDescriptorLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(resource, &limit)
  }

  /// Timers of this thread fire when they are due, instead of some 50 µs later.
  static func sharpenTimers() {
    let file = unsafe open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = unsafe write(file, "1", 1)
  }
}

/// The processor time of client and server between two looks.
struct UsageMeter {
  private let serverPID: Int?
  private var own = 0.0
  private var server: Double?

  init(serverPID: Int?) { self.serverPID = serverPID }

  mutating func begin() {
    own = ProcessFigures.ownSeconds
    server = serverPID.flatMap { ProcessFigures.seconds(of: $0) }
  }

  /// Since `begin`.
  var json: [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("client_cpu_seconds", .decimal(ProcessFigures.ownSeconds - own))
    ]
    if let serverPID, let server, let now = ProcessFigures.seconds(of: serverPID) {
      members.append(("server_cpu_seconds", .decimal(now - server)))
    }
    return members
  }
}
