@unsafe @preconcurrency import Glibc
import Testing

@testable import Journal

@Test func `a write that fails for want of room says so`() {
  let room = FileSystem.roomMin
  #expect(FileSystem.cause(of: EIO, room: room - 1) == ENOSPC)
  #expect(FileSystem.cause(of: EIO, room: room) == EIO)
  #expect(FileSystem.cause(of: EACCES, room: 0) == EACCES)
  // A file system without any room.
  #expect(FileSystem.cause(of: EIO, at: "/proc") == ENOSPC)
  #expect(FileSystem.cause(of: 0, at: "/proc") == 0)
}

@Test func `what cannot be looked at is not said to be missing`() throws {
  let directory = TemporaryDirectory()
  let path = directory.path + "/journal"
  #expect(throws: JournalError.missing(path: path)) { try Journal.require(directory.path) }
  unsafe symlink(path, path)
  let error = #expect(throws: JournalError.self) { try JournalReader(directory: directory.path) }
  #expect(error?.description.hasPrefix("cannot open \(path): ") == true)
}
