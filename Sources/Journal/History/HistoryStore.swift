internal import Glibc

/// The files of a data directory's history index: DIR/history, made when it is first needed.
///
/// A file is there whole or not at all: it is written under another name, synced and renamed. May
/// be used beside a running server and by several processes; who changes files holds the lock.
package final class HistoryStore: Sendable {
  private static let lockName = "lock"
  private static let unfinished = ".writing"

  package let path: String

  package init(directory: String) { path = directory + "/history" }

  /// Makes the directory if there is none. Where another process holds the lock, calls `waiting`
  /// and waits. Throws `system` where the directory cannot be written.
  package func lock(waiting: () -> Void) throws(JournalError) -> HistoryLock {
    try FileSystem.makeDirectory(path)
    return try HistoryLock(path + "/" + Self.lockName, waiting)
  }

  /// Of all files that are whole; none if there is no directory.
  package func names() throws(JournalError) -> [String] {
    guard FileSystem.exists(path) else { return [] }
    return try FileSystem.list(path).filter {
      $0 != Self.lockName && !$0.hasSuffix(Self.unfinished)
    }
  }

  /// Removes what writers that were killed have left. For the holder of the lock.
  package func removeUnfinished() throws(JournalError) {
    for name in try FileSystem.list(path) where name.hasSuffix(Self.unfinished) {
      try remove(name)
    }
  }

  package func remove(_ name: String) throws(JournalError) {
    try FileSystem.removeFile(path + "/" + name)
  }

  package func open(_ name: String) throws(JournalError) -> HistoryFile {
    try HistoryFile(File(path + "/" + name, O_RDONLY))
  }

  /// Durable when it returns, with what `body` wrote. For the holder of the lock.
  package func write(
    _ name: String, _ body: (HistoryWriter) throws(JournalError) -> Void
  ) throws(JournalError) {
    let final = path + "/" + name
    let file = try File(final + Self.unfinished, O_WRONLY | O_CREAT | O_TRUNC)
    let writer = HistoryWriter(file)
    try body(writer)
    try writer.flush()
    try file.sync()
    try FileSystem.rename(final + Self.unfinished, to: final)
    try FileSystem.syncDirectory(path)
  }
}

/// Held by the one process that changes the index, for as long as it lives; ends with the process.
package final class HistoryLock: Sendable {
  private let file: File

  fileprivate init(_ path: String, _ waiting: () -> Void) throws(JournalError) {
    file = try File(path, O_RDWR | O_CREAT)
    if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    if errno == EWOULDBLOCK { waiting() }
    while flock(file.descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw FileSystem.failure("lock", path) }
    }
  }

  deinit { flock(file.descriptor, LOCK_UN) }
}

/// A file of the index, open for reading; stays readable when it is removed.
package final class HistoryFile: Sendable {
  package let length: Int
  private let file: File

  fileprivate init(_ file: File) throws(JournalError) {
    self.file = file
    length = Int(clamping: try file.status().length)
  }

  /// Fewer bytes than `count` only at the end of the file.
  package func read(at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
    try file.read(at: UInt64(offset), count: count)
  }
}

/// Bytes on their way into a file of the index. Not to be shared between threads.
package final class HistoryWriter {
  private static let bufferBytes = 1 << 20

  private let file: File
  private var buffer: [UInt8] = []

  fileprivate init(_ file: File) {
    self.file = file
    buffer.reserveCapacity(Self.bufferBytes)
  }

  package func append(_ bytes: [UInt8]) throws(JournalError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  fileprivate func flush() throws(JournalError) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
