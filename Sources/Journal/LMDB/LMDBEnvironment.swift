internal import CLMDB
internal import Glibc
internal import Synchronization

/// One LMDB environment: a memory-mapped file with named tables, one writer, many readers.
///
/// Reads from any thread, each in a pooled transaction; writes from one thread at a time. Open an
/// environment once in a process, and only after its structure was checked.
@safe final class LMDBEnvironment: @unchecked Sendable {
  struct Options {
    var isReadOnly = false
    /// Without fsync at commit: see `Durability.interval`.
    var isSyncedLater = false
    var mapBytes = 64 << 20
    /// Below this many free bytes in the map it grows, and below a quarter.
    var freeBytesMin = 64 << 20
  }

  /// Reader slots in the lock file, for all processes together.
  static let readersMax: UInt32 = 1022
  static let tablesMax: UInt32 = 8
  /// Readers that were killed pin old pages until somebody looks.
  static let commitsPerReaderCheck: UInt64 = 1_024

  private static let open = Mutex<Set<String>>([])

  let path: String
  private let identity: String
  private let handle: OpaquePointer
  private let freeBytesMin: Int
  private let gate = ReadWriteGate()
  private let pool = Mutex<[PooledReader]>([])
  /// Changed inside `gate.alone` only.
  private var isClosed = false
  /// The writer's.
  private var commits: UInt64 = 0

  /// With a checker, the structure of the newest commit is checked before anything else is read.
  init(
    path: String, _ options: Options, checking structure: StructureChecker? = nil
  ) throws(JournalError) {
    try structure?.checkMetaPages()
    self.path = path
    freeBytesMin = options.freeBytesMin
    identity = try Self.claim(path)
    do throws(JournalError) {
      unsafe handle = try Self.openHandle(path, options)
    } catch {
      Self.release(identity)
      throw error
    }
    guard let structure else { return }
    do throws(JournalError) {
      try read { transaction throws(JournalError) in
        try structure.check(transaction: transaction.id)
      }
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  private static func openHandle(
    _ path: String, _ options: Options
  ) throws(JournalError) -> OpaquePointer {
    try LockFile.reserve(in: path)
    var created: OpaquePointer?
    try lmdbCheck(unsafe mdb_env_create(&created), "prepare \(path)")
    guard let handle = unsafe created else { throw lmdbError(ENOMEM, "prepare \(path)") }
    var code = unsafe mdb_env_set_maxreaders(handle, readersMax)
    if code == 0 { code = unsafe mdb_env_set_maxdbs(handle, tablesMax) }
    if code == 0 { code = unsafe mdb_env_set_mapsize(handle, options.mapBytes) }
    var flags = UInt32(MDB_NOTLS)
    if options.isReadOnly { flags |= UInt32(MDB_RDONLY) }
    if options.isSyncedLater { flags |= UInt32(MDB_NOSYNC) }
    if code == 0 { code = unsafe mdb_env_open(handle, path, flags, FileSystem.fileMode) }
    if code != 0 {
      unsafe mdb_env_close(handle)
      throw lmdbError(code, "open \(path)")
    }
    var dead: Int32 = 0
    _ = unsafe mdb_reader_check(handle, &dead)
    // A writer that was killed, or whose sync failed, may have left its commit in the kernel's
    // memory alone. Nobody may see that, or build on it, before it is durable.
    if !options.isReadOnly { code = unsafe mdb_env_sync(handle, 1) }
    if code != 0 {
      unsafe mdb_env_close(handle)
      throw lmdbError(FileSystem.cause(of: code, at: path), "sync \(path)")
    }
    return unsafe handle
  }

  /// One environment may be open once in a process: its locks are the process's.
  private static func claim(_ path: String) throws(JournalError) -> String {
    var status = stat()
    if unsafe stat(path, &status) != 0 { throw FileSystem.failure("open", path) }
    let identity = "\(status.st_dev):\(status.st_ino)"
    guard open.withLock({ $0.insert(identity).inserted }) else { throw .alreadyOpen(path: path) }
    return identity
  }

  private static func release(_ identity: String) {
    _ = open.withLock { $0.remove(identity) }
  }

  /// Waits for running reads to end. Using the environment afterwards throws `stopped`.
  func close() {
    // The closure throws nothing.
    try? gate.alone { () throws(JournalError) in
      guard !isClosed else { return }
      isClosed = true
      for reader in pool.withLock({ $0 }) { unsafe mdb_txn_abort(reader.handle) }
      pool.withLock { $0 = [] }
      unsafe mdb_env_close(handle)
      Self.release(identity)
    }
  }

  /// Finds tables that exist. Once, before anything else is done with the environment.
  func openTables(_ names: [String]) throws(JournalError) -> [LMDBTable] {
    var begun: OpaquePointer?
    let flags = UInt32(MDB_RDONLY)
    try lmdbCheck(unsafe mdb_txn_begin(handle, nil, flags, &begun), "read \(path)")
    guard let transaction = unsafe begun else { throw .stopped }
    var tables: [LMDBTable] = []
    do throws(JournalError) {
      for name in names {
        let table = try unsafe LMDBTransaction(handle: transaction)
          .openTable(name, create: false)
        tables.append(table)
      }
    } catch {
      unsafe mdb_txn_abort(transaction)
      throw error
    }
    // The numbers outlive the transaction only if it is committed.
    try lmdbCheck(unsafe mdb_txn_commit(transaction), "read \(path)")
    return tables
  }

  // MARK: Reading

  /// A snapshot of the newest commit for the length of `body`, which must not read again inside.
  func read<R>(
    _ body: (LMDBTransaction) throws(JournalError) -> R
  ) throws(JournalError) -> R {
    let reader = try enter()
    defer {
      unsafe mdb_txn_reset(reader.handle)
      pool.withLock { $0.append(reader) }
      gate.leave()
    }
    return try body(unsafe LMDBTransaction(handle: reader.handle))
  }

  /// Enters the gate with a transaction on the newest commit; leaves the gate if it throws.
  private func enter() throws(JournalError) -> PooledReader {
    for _ in 0..<8 {
      gate.enter()
      if isClosed {
        gate.leave()
        throw .stopped
      }
      var reader: OpaquePointer?
      var code: Int32
      if let pooled = pool.withLock({ $0.popLast() }) {
        unsafe reader = pooled.handle
        code = unsafe mdb_txn_renew(pooled.handle)
        if code != 0 { unsafe mdb_txn_abort(pooled.handle) }
      } else {
        code = unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &reader)
      }
      if code == 0, let reader = unsafe reader { return unsafe PooledReader(handle: reader) }
      gate.leave()
      switch code {
      case MDB_MAP_RESIZED:
        try adoptGrowth()
      case MDB_READERS_FULL:
        var dead: Int32 = 0
        _ = unsafe mdb_reader_check(handle, &dead)
        if dead == 0 { throw lmdbError(code, "read \(path)") }
      default:
        throw lmdbError(code, "read \(path)")
      }
    }
    throw lmdbError(MDB_MAP_RESIZED, "read \(path)")
  }

  /// Gives back the memory through which the file was read.
  func releaseMemory() {
    gate.enter()
    defer { gate.leave() }
    if !isClosed { MappedFile.release(path + "/data.mdb") }
  }

  /// Another process has grown the file beyond this process's map.
  private func adoptGrowth() throws(JournalError) {
    try gate.alone { () throws(JournalError) in
      guard !isClosed else { throw .stopped }
      let (used, size) = unsafe Self.usage(handle)
      let wanted = grownSize(from: size, used: used, needed: 0)
      try lmdbCheck(unsafe mdb_env_set_mapsize(handle, wanted), "map more of \(path)")
    }
  }

  // MARK: Writing

  /// Commits when `body` returns, synced unless opened with `isSyncedLater`; aborts when it throws.
  func write<R>(
    _ body: (LMDBTransaction) throws(JournalError) -> R
  ) throws(JournalError) -> R {
    var begun: OpaquePointer?
    try lmdbCheck(unsafe mdb_txn_begin(handle, nil, 0, &begun), "begin a transaction on \(path)")
    guard let transaction = unsafe begun else { throw .stopped }
    let result: R
    do throws(JournalError) {
      result = try body(unsafe LMDBTransaction(handle: transaction))
    } catch {
      unsafe mdb_txn_abort(transaction)
      throw error
    }
    let metaPages = unsafe MetaPageCopies(of: handle)
    let code = unsafe mdb_txn_commit(transaction)
    if code != MDB_SUCCESS { metaPages.putBack() }
    try lmdbCheck(FileSystem.cause(of: code, at: path), "commit to \(path)")
    return result
  }

  /// Makes room ahead of need, so that the map is never full. Call outside of transactions, on the
  /// writer's thread; waits for running reads, since the map moves.
  func reserve(bytes needed: Int) throws(JournalError) {
    commits += 1
    if commits % Self.commitsPerReaderCheck == 0 {
      var dead: Int32 = 0
      _ = unsafe mdb_reader_check(handle, &dead)
    }
    let (used, size) = unsafe Self.usage(handle)
    let free = size - used
    guard free < max(freeBytesMin, size / 4, 2 * needed) else { return }
    try gate.alone { () throws(JournalError) in
      let wanted = grownSize(from: size, used: used, needed: needed)
      try lmdbCheck(unsafe mdb_env_set_mapsize(handle, wanted), "map more of \(path)")
    }
  }

  func sync() throws(JournalError) {
    let code = unsafe mdb_env_sync(handle, 1)
    try lmdbCheck(FileSystem.cause(of: code, at: path), "sync \(path)")
  }

  /// In bytes: of the file in use, and of the map.
  var usage: (used: Int, mapped: Int) { unsafe Self.usage(handle) }

  private static func usage(_ handle: OpaquePointer) -> (used: Int, mapped: Int) {
    var info = unsafe MDB_envinfo()
    var statistics = MDB_stat()
    unsafe mdb_env_info(handle, &info)
    unsafe mdb_env_stat(handle, &statistics)
    return unsafe ((info.me_last_pgno + 1) * Int(statistics.ms_psize), info.me_mapsize)
  }

  private func grownSize(from size: Int, used: Int, needed: Int) -> Int {
    var size = max(size, 1 << 20)
    while size - used < max(freeBytesMin, size / 4, 2 * needed) { size *= 2 }
    return size
  }
}

/// A transaction that waits, reset, for its next use.
@safe private struct PooledReader: @unchecked Sendable {
  let handle: OpaquePointer
}
