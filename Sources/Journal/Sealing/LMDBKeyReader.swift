internal import Domain
internal import Synchronization

/// The keys of a data directory whose writer is another process: follows replacements.
final class LMDBKeyReader: KeyStore {
  private struct Opened {
    var environment: LMDBEnvironment
    var keys: LMDBTable
    var inode: UInt64
  }

  private let directory: String
  private let path: String
  private let opened: Mutex<Opened>

  init(directory: String) throws(JournalError) {
    self.directory = directory
    path = directory + "/keys"
    opened = Mutex(try Self.open(directory))
  }

  private static func open(_ directory: String) throws(JournalError) -> Opened {
    let path = LMDBKeyStore.readablePath(in: directory)
    let inode = try FileSystem.inode(of: path + "/data.mdb")
    let environment = try LMDBEnvironment(
      path: path, .init(isReadOnly: true), checking: try StructureChecker.keys(at: path))
    do throws(JournalError) {
      let keys = try environment.openTables(["keys"])[0]
      return Opened(environment: environment, keys: keys, inode: inode)
    } catch {
      environment.close()
      throw error
    }
  }

  func key(of user: UserID) throws(JournalError) -> KeyLookup {
    let value = try opened.withLock { opened throws(JournalError) in
      try follow(&opened)
      return try opened.environment.read { transaction throws(JournalError) in
        try transaction.get(opened.keys, bigEndianBytes(user.raw))
      }
    }
    return try KeyCodec.decode(value, of: user.raw)
  }

  func keys(
    after user: UserID?, max: Int
  ) throws(JournalError) -> [(user: UserID, lookup: KeyLookup)] {
    try opened.withLock { opened throws(JournalError) in
      try follow(&opened)
      return try readKeys(opened.environment, opened.keys, after: user, max: max)
    }
  }

  /// Opens what has taken the place of the keys that are open. For a moment of a replacement there
  /// is no file: the old one is as good until then.
  private func follow(_ opened: inout Opened) throws(JournalError) {
    guard let inode = try? FileSystem.inode(of: path + "/data.mdb"), inode != opened.inode else {
      return
    }
    opened.environment.close()
    opened = try Self.open(directory)
  }

  /// All whose keys were destroyed, ascending.
  func destroyed() throws(JournalError) -> [UserID] {
    var users: [UserID] = []
    try forEach { user, key throws(JournalError) in
      if key == .destroyed { users.append(user) }
    }
    return users
  }

  func add(_ keys: [(user: UserID, key: [UInt8])]) throws(JournalError) {
    preconditionFailure("a reader makes no keys")
  }

  func destroy(_ user: UserID) throws(JournalError) {
    preconditionFailure("a reader destroys no keys")
  }

  func check() throws(JournalError) { try forEach { _, _ in } }

  func close() { opened.withLock { $0.environment.close() } }
}

/// Entries of the table from after a user on, each after its checksum was compared.
func readKeys(
  _ environment: LMDBEnvironment, _ keys: LMDBTable, after user: UserID?, max: Int
) throws(JournalError) -> [(user: UserID, lookup: KeyLookup)] {
  var entries: [(user: UserID, lookup: KeyLookup)] = []
  try environment.read { transaction throws(JournalError) in
    try transaction.forEach(keys, after: user.map { bigEndianBytes($0.raw) } ?? []) {
      name, value throws(JournalError) in
      guard let user = bigEndianValue(name) else {
        throw .damaged(Finding("the key store", "an entry is not named by a user"))
      }
      entries.append((UserID(user), try KeyCodec.decode(value, of: user)))
      return entries.count < max
    }
  }
  return entries
}
