internal import Engine
internal import Glibc

/// Another program, run to its end for what it prints; it shares this one's standard error.
struct ChildProgram {
  /// Bytes that it may print.
  static let outputBytesMax = 64 << 20

  private let pid: pid_t
  private let output: Int32
  private let name: String

  /// The first word is the program's path.
  init(_ words: [String]) throws {
    name = words[0]
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Self.failure(name, errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var arguments = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, words[0], &actions, nil, &arguments, environ)
    unsafe arguments.forEach { unsafe free($0) }
    unsafe posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    output = ends[0]
    pid = child
    guard code == 0 else {
      close(ends[0])
      throw Self.failure(name, code)
    }
  }

  /// Waits for its end: what it printed, and its exit status.
  func finish() throws -> (status: Int32, output: [UInt8]) {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= Self.outputBytesMax {
      let count = unsafe read(output, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      bytes += piece[..<count]
    }
    close(output)
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    guard bytes.count <= Self.outputBytesMax else {
      throw EntriesError("\(name) printed more than \(Self.outputBytesMax) bytes")
    }
    // As a shell has it: a signal ends a program with 128 and its number.
    let signal = status & 0x7F
    return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, bytes)
  }

  private static func failure(_ name: String, _ code: Int32) -> EntriesError {
    let reason = unsafe String(cString: strerror(code))
    return EntriesError("\(name) cannot be run: \(reason)")
  }
}
