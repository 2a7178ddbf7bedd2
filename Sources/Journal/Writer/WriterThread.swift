internal import Glibc
internal import Synchronization

/// A POSIX thread that runs one closure.
@safe final class WriterThread: @unchecked Sendable {
  private var thread = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let argument = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, argument)
    precondition(code == 0, "a thread can be made")
  }

  func join() { pthread_join(thread, nil) }
}

private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

extension Journal {
  /// Starts the one thread that writes. Once.
  package func startWriter() {
    writer.withLock { writer in
      precondition(writer.thread == nil, "the writer starts once")
      writer.syncedAtMs = monotonicMs()
      writer.thread = WriterThread { [self] in runWriter() }
    }
  }

  /// Commits everything queued, syncs, and closes. Entries that come later are BUSY. The
  /// second time does nothing.
  package func drainAndStop() {
    queue.withLock { $0.isStopping = true }
    bell.ring()
    let thread = writer.withLock { writer in
      defer { writer.thread = nil }
      return writer.thread
    }
    if let thread { thread.join() } else { finishWriting() }
    let isFirst = writer.withLock { writer in
      defer { writer.isClosed = true }
      return !writer.isClosed
    }
    if isFirst { closeStorage() }
  }

  private func runWriter() {
    do throws(JournalError) {
      while true {
        while try commitQueued() > 0 { try syncIfDue() }
        try syncIfDue()
        let (isStopping, isEmpty) = queue.withLock { ($0.isStopping, $0.waiting.isEmpty) }
        if isStopping && isEmpty { break }
        bell.wait(ms: syncDueInMs())
      }
    } catch {
      return onFatal(error)
    }
    finishWriting()
  }

  private func finishWriting() {
    guard writer.withLock({ !$0.isClosed && $0.failure == nil }) else { return }
    do throws(JournalError) {
      while try commitQueued() > 0 {}
      try sync()
    } catch {
      onFatal(error)
    }
  }

  /// Milliseconds until the next sync; nil if none is due.
  private func syncDueInMs() -> Int? {
    guard case .interval(let ms) = durability else { return nil }
    return writer.withLock { writer in
      writer.hasUnsynced ? max(0, writer.syncedAtMs + ms - monotonicMs()) : nil
    }
  }

  private func syncIfDue() throws(JournalError) {
    guard let due = syncDueInMs(), due == 0 else { return }
    try sync()
    writer.withLock { $0.syncedAtMs = monotonicMs() }
  }
}
