package import Domain
package import Journal

/// Makes backups of the whole journal beside the shards, one at a time and off their threads.
package actor BackupKeeper {
  private let journal: Journal
  private let clock: any Clock
  private let executor: any SerialExecutor
  private var isBusy = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(journal: Journal, clock: any Clock, executor: any SerialExecutor) {
    self.journal = journal
    self.clock = clock
    self.executor = executor
  }

  /// Brings the backup in a directory up to now; makes it if there is none. In steps, so that what
  /// else runs on this thread, as an erasure, has its turn between them.
  ///
  /// Throws BUSY while another is made or this one is read, INVALID for a path where none can be,
  /// and ERR for damage.
  package func backup(to path: String, withKeys: Bool) async throws(Rejection) -> BackupReport {
    guard path.hasPrefix("/") else {
      throw Rejection(.invalid, "the directory is an absolute path")
    }
    if isBusy { throw Rejection(.busy, "a backup is being made, try again later") }
    isBusy = true
    defer { isBusy = false }
    do {
      let job = try BackupJob(
        of: BackupSource(journal), in: path, withKeys: withKeys, now: clock.now)
      while try job.step() { await Task.yield() }
      return try job.finish()
    } catch let error as BackupError {
      if case .inUse = error { throw Rejection(.busy, "\(error)") }
      throw Rejection(.invalid, "\(error)")
    } catch {
      throw Rejection(.error, "\(error)")
    }
  }
}
