package import Domain
internal import Synchronization

/// Keys in an LMDB environment of their own, DIR/keys: user id (8 bytes, big-endian) to key.
///
/// What `destroy` guarantees: when it returns, no file under DIR holds the key. LMDB leaves old
/// bytes in free pages and in the gaps of used ones, so the remaining keys are written to a fresh
/// environment, synced, and put in the old one's place. The blocks of the removed file belong to
/// the file system then, which may keep their content until it uses them again: where that matters,
/// encrypt the disk. Backups of DIR/keys keep what they hold. Takes time in proportion to the
/// number of keys.
package final class LMDBKeyStore: KeyStore {
  static let tableNames = ["keys", "meta"]
  static let transactionKey = Array("transaction".utf8)
  /// Keys copied by one transaction of a rewrite.
  private static let copiedMax = 16_384

  private struct Opened {
    var environment: LMDBEnvironment
    var keys: LMDBTable
    var meta: LMDBTable
  }

  private let directory: String
  private let opened: Mutex<Opened>
  /// Held by whoever writes.
  private let writing = Mutex(())

  /// `directory` is the data directory: the keys are in its `keys`.
  init(directory: String) throws(JournalError) {
    self.directory = directory
    opened = Mutex(try Self.openEnvironment(directory + "/keys", isReadOnly: false))
  }

  private static func openEnvironment(
    _ path: String, isReadOnly: Bool
  ) throws(JournalError) -> Opened {
    let environment = try LMDBEnvironment(path: path, .init(isReadOnly: isReadOnly))
    do throws(JournalError) {
      let tables = try environment.openTables(tableNames)
      return Opened(environment: environment, keys: tables[0], meta: tables[1])
    } catch {
      environment.close()
      throw error
    }
  }

  /// Makes an empty store in an empty directory, synced.
  static func create(path: String) throws(JournalError) {
    let environment = try LMDBEnvironment(path: path, .init())
    defer { environment.close() }
    try environment.write { transaction throws(JournalError) in
      _ = try transaction.openTable("keys", create: true)
      try mark(transaction, try transaction.openTable("meta", create: true))
    }
    try environment.sync()
  }

  /// Every transaction leaves its number: a store that was set back is noticed.
  private static func mark(
    _ transaction: LMDBTransaction, _ meta: LMDBTable
  ) throws(JournalError) {
    try transaction.put(meta, transactionKey, bigEndianBytes(transaction.id))
  }

  /// Brings a replacement of the directory that a crash interrupted to its end.
  static func finishReplacement(in directory: String) throws(JournalError) {
    let (current, new, old) = paths(in: directory)
    if !FileSystem.exists(current), FileSystem.exists(new), FileSystem.exists(old) {
      // Between the two renames: the new environment was complete and synced before the first.
      try FileSystem.rename(new, to: current)
      try FileSystem.syncDirectory(directory)
    }
    if FileSystem.exists(current) {
      try FileSystem.removeDirectory(new)
      try FileSystem.removeDirectory(old)
    }
  }

  /// Where the keys are for who only reads: between the two renames of a replacement, or where a
  /// crash has come between them and no writer since, they are the new ones, which are whole.
  static func readablePath(in directory: String) -> String {
    let (current, new, old) = paths(in: directory)
    let isBetween =
      !FileSystem.exists(current) && FileSystem.exists(new) && FileSystem.exists(old)
    return isBetween ? new : current
  }

  static func paths(in directory: String) -> (current: String, new: String, old: String) {
    (directory + "/keys", directory + "/keys.new", directory + "/keys.old")
  }

  package func key(of user: UserID) throws(JournalError) -> KeyLookup {
    let value = try reading { now throws(JournalError) in
      try now.environment.read { transaction throws(JournalError) in
        try transaction.get(now.keys, bigEndianBytes(user.raw))
      }
    }
    return try KeyCodec.decode(value, of: user.raw)
  }

  private func reading<R>(
    _ body: (Opened) throws(JournalError) -> R
  ) throws(JournalError) -> R {
    while true {
      let now = opened.withLock { $0 }
      do throws(JournalError) {
        return try body(now)
      } catch {
        // Closed because it was replaced, or for good.
        guard error == .stopped, opened.withLock({ $0.environment !== now.environment }) else {
          throw error
        }
      }
    }
  }

  package func add(_ new: [(user: UserID, key: [UInt8])]) throws(JournalError) {
    guard !new.isEmpty else { return }
    try writing.withLock { _ throws(JournalError) in
      let now = opened.withLock { $0 }
      try now.environment.reserve(bytes: new.count * 8_192)
      try now.environment.write { transaction throws(JournalError) in
        for (user, key) in new {
          let name = bigEndianBytes(user.raw)
          guard try transaction.get(now.keys, name) == nil else { continue }
          try transaction.put(now.keys, name, KeyCodec.encode(.key(key), of: user.raw))
        }
        try Self.mark(transaction, now.meta)
      }
    }
  }

  package func destroy(_ user: UserID) throws(JournalError) {
    try writing.withLock { _ throws(JournalError) in
      let old = opened.withLock { $0 }
      let paths = Self.paths(in: directory)
      try FileSystem.removeDirectory(paths.new)
      try FileSystem.makeDirectory(paths.new)
      try Self.create(path: paths.new)
      try copy(old, to: paths.new, without: user)
      try FileSystem.syncDirectory(paths.new)
      // Its name too, before the old one goes: a file system may keep names in any order.
      try FileSystem.syncDirectory(directory)
      try FileSystem.rename(paths.current, to: paths.old)
      try FileSystem.rename(paths.new, to: paths.current)
      try FileSystem.syncDirectory(directory)
      let new = try Self.openEnvironment(paths.current, isReadOnly: false)
      opened.withLock { $0 = new }
      old.environment.close()
      try FileSystem.removeDirectory(paths.old)
      try FileSystem.syncDirectory(directory)
    }
  }

  private func copy(
    _ old: Opened, to path: String, without user: UserID
  ) throws(JournalError) {
    let new = try Self.openEnvironment(path, isReadOnly: false)
    defer { new.environment.close() }
    let destroyed = bigEndianBytes(user.raw)
    var isNoted = false
    var batch: [(key: [UInt8], value: [UInt8])] = []
    let tombstone = KeyCodec.encode(.destroyed, of: user.raw)
    func flush() throws(JournalError) {
      try new.environment.reserve(bytes: batch.count * 128)
      try new.environment.write { transaction throws(JournalError) in
        for (key, value) in batch { try transaction.put(new.keys, key, value, append: true) }
        try Self.mark(transaction, new.meta)
      }
      batch = []
    }
    try old.environment.read { transaction throws(JournalError) in
      try transaction.forEach(old.keys) { key, value throws(JournalError) in
        if !isNoted, !key.lexicographicallyPrecedes(destroyed) {
          batch.append((destroyed, tombstone))
          isNoted = true
        }
        if key != destroyed { batch.append((key, value)) }
        if batch.count >= Self.copiedMax { try flush() }
        return true
      }
    }
    if !isNoted { batch.append((destroyed, tombstone)) }
    try flush()
    try new.environment.sync()
  }

  package func keys(
    after user: UserID?, max: Int
  ) throws(JournalError) -> [(user: UserID, lookup: KeyLookup)] {
    try reading { opened throws(JournalError) in
      try readKeys(opened.environment, opened.keys, after: user, max: max)
    }
  }

  /// Keys and destroyed keys of a restored journal, ascending, into a store that is new.
  func restore(_ entries: [(user: UserID, lookup: KeyLookup)]) throws(JournalError) {
    try writing.withLock { _ throws(JournalError) in
      let now = opened.withLock { $0 }
      try now.environment.reserve(bytes: entries.count * 128)
      try now.environment.write { transaction throws(JournalError) in
        for (user, lookup) in entries {
          let value = KeyCodec.encode(lookup, of: user.raw)
          try transaction.put(now.keys, bigEndianBytes(user.raw), value, append: true)
        }
        try Self.mark(transaction, now.meta)
      }
    }
  }

  package func check() throws(JournalError) { try forEach { _, _ in } }

  package func close() { opened.withLock { $0 }.environment.close() }
}
