import Glibc

/// What is printed when a server's own precondition ends the process in the midst of a run.
@safe enum LastWords {
  /// Written by a signal handler, which must not allocate: kept in memory of its own.
  private nonisolated(unsafe) static var text: UnsafeMutableBufferPointer<UInt8>?

  /// Replaces what was kept before.
  static func keep(_ words: String) {
    let bytes = Array(words.utf8)
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = unsafe buffer.initialize(from: bytes)
    let old = unsafe text
    unsafe text = buffer
    if let old = unsafe old { unsafe old.deallocate() }
  }

  static func listen() {
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS] {
      _ = signal(number) { number in
        if let words = unsafe LastWords.text {
          _ = unsafe write(STDOUT_FILENO, words.baseAddress, words.count)
        }
        _exit(128 + number)
      }
    }
  }
}
