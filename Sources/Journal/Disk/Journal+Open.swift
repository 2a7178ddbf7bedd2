package import Domain

extension Journal {
  /// Opens the journal of a data directory as its one writer; makes an empty one if there is none.
  ///
  /// Checks before anything is mapped: versions, sizes, the structure of both files; then the
  /// content, to the extent of `contentCheck`. Refuses with the words that `verify` finds. The
  /// directory and what is in it are for their owner alone (0700, 0600).
  package static func open(
    directory: String, clock: any Clock, random: any RandomSource,
    durability: Durability = .always, limits: JournalLimits = JournalLimits(),
    contentCheck: ContentCheck = .full,
    onFatal: @escaping @Sendable (JournalError) -> Void = Journal.endProcess
  ) throws(JournalError) -> Journal {
    try FileSystem.makeDirectory(directory)
    let lock = try DirectoryLock(directory: directory)
    try LMDBKeyStore.finishReplacement(in: directory)
    try createIfMissing(in: directory, at: clock.now)
    try StructureChecker.check(directory: directory)
    let disk = try LMDBDisk(
      path: directory + "/journal",
      .init(
        isSyncedLater: durability != .always, mapBytes: limits.initialMapBytes,
        freeBytesMin: limits.mapFreeBytesMin))
    do throws(JournalError) {
      let keys = try LMDBKeyStore(directory: directory)
      do throws(JournalError) {
        let contentCheck = contentCheck.decided(journalBytes: disk.usage.used)
        if case .full = contentCheck { try keys.check() }
        return try Journal(
          disk: disk, keys: keys, lock: lock, clock: clock, random: random,
          durability: durability, limits: limits, contentCheck: contentCheck, onFatal: onFatal)
      } catch {
        keys.close()
        throw error
      }
    } catch {
      disk.close()
      throw error
    }
  }

  /// What is left of the check of a journal that was opened with `ContentCheck.upTo`; nil if it was
  /// small enough to be checked then. Before anything is written.
  package var deferredCheck: DeferredCheck? { uncheckedContent }

  /// Gives back the memory through which the journal was read, so that what serves is all there is
  /// in memory. What is read again comes from the system's cache of files.
  package func releaseMemory() { log.disk.releaseMemory() }

  /// That a data directory is there, for what must not make one: throws `missing` for one that is
  /// not, and `system` for one that cannot be looked at.
  package static func require(_ directory: String) throws(JournalError) {
    for path in [directory + "/journal", LMDBKeyStore.readablePath(in: directory)] {
      try FileSystem.require(path)
    }
  }

  /// First creation is not atomic in LMDB: each environment is made under another name, synced, and
  /// renamed. The keys come first, so a journal never is without them.
  private static func createIfMissing(
    in directory: String, at time: Instant
  ) throws(JournalError) {
    let journal = directory + "/journal"
    let keys = directory + "/keys"
    guard !FileSystem.exists(journal) else {
      guard FileSystem.exists(keys) else { throw .missing(path: keys) }
      return
    }
    try FileSystem.syncName(ofDirectory: directory)
    if !FileSystem.exists(keys) {
      try create(keys, in: directory) { path throws(JournalError) in
        try LMDBKeyStore.create(path: path)
      }
    }
    try create(journal, in: directory) { path throws(JournalError) in
      try LMDBDisk.create(path: path, createdAt: time)
    }
  }

  private static func create(
    _ path: String, in directory: String, _ make: (String) throws(JournalError) -> Void
  ) throws(JournalError) {
    let unfinished = path + ".creating"
    try FileSystem.removeDirectory(unfinished)
    try FileSystem.makeDirectory(unfinished)
    try make(unfinished)
    try FileSystem.syncDirectory(unfinished)
    try FileSystem.rename(unfinished, to: path)
    try FileSystem.syncDirectory(directory)
  }
}

extension ContentCheck {
  /// For a journal of this size: `full` where it is small enough for `upTo`.
  fileprivate func decided(journalBytes: Int) -> ContentCheck {
    if case .upTo(let bytesMax) = self, journalBytes <= bytesMax { .full } else { self }
  }
}
