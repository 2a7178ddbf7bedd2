import Glibc
import Testing

/// What another process is asked to do: a name and a directory, in the environment.
enum ChildRole {
  static let variable = "ROOST_TEST_CHILD"

  /// "role directory", in the child.
  static var current: (role: String, directory: String)? {
    guard let value = unsafe getenv(variable) else { return nil }
    let parts = unsafe String(cString: value).split(separator: " ")
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }
}

/// This test program again, running only the test that plays a role.
final class ChildProcess {
  private let pid: pid_t

  init(role: String, directory: TemporaryDirectory) throws {
    var arguments: [String] = [CommandLine.arguments[0]]
    arguments += [
      "--testing-library", "swift-testing", "--filter", "plays_its_role|plays its role",
    ]
    let argv = CStrings(arguments)
    let environment = CStrings(["\(ChildRole.variable)=\(role) \(directory.path)"])
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, directory.path + "/child.log", O_WRONLY | O_CREAT, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var pid = pid_t()
    let code = unsafe posix_spawn(
      &pid, "/proc/self/exe", &actions, nil, argv.pointers, environment.pointers)
    unsafe posix_spawn_file_actions_destroy(&actions)
    try #require(code == 0)
    self.pid = pid
  }

  func kill() { Glibc.kill(pid, SIGKILL) }

  /// The exit status, or 128 and the signal.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    unsafe waitpid(pid, &status, 0)
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }
}

/// Runs a program to its end and gives its exit status.
@discardableResult
func run(_ program: String, _ arguments: [String]) -> Int32 {
  let argv = CStrings([program] + arguments)
  let environment = CStrings(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
  var pid = pid_t()
  guard
    unsafe posix_spawn(&pid, program, nil, nil, argv.pointers, environment.pointers) == 0
  else { return -1 }
  var status: Int32 = 0
  unsafe waitpid(pid, &status, 0)
  return (status >> 8) & 0xFF
}

/// A list for C, ended by null.
@safe private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    unsafe pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { unsafe pointers[index] = strdup(string) }
    unsafe pointers[count] = nil
  }

  deinit {
    for index in 0..<count { unsafe free(pointers[index]) }
    unsafe pointers.deallocate()
  }
}

/// Until something holds, at most `seconds`.
func eventually(seconds: Int = 30, _ holds: () throws -> Bool) throws {
  for _ in 0..<(seconds * 200) {
    if try holds() { return }
    usleep(5_000)
  }
  Issue.record("did not happen within \(seconds) seconds")
}
