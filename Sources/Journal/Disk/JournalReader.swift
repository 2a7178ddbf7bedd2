package import Domain

/// A journal opened for reading, beside a running writer or without one.
///
/// Sees every commit as soon as it is durable. Not in the process of the writer: LMDB forbids to
/// open an environment twice.
package final class JournalReader: Sendable {
  package let directory: String?
  let log: CommittedLog

  /// Checks sizes and structure as `Journal.open` does, on the newest commit; not the content.
  ///
  /// `limits` say how large the memory map begins; it follows the writer's.
  package init(
    directory: String, limits: JournalLimits = JournalLimits()
  ) throws(JournalError) {
    try Journal.require(directory)
    let disk = try LMDBDisk(
      path: directory + "/journal",
      .init(
        isReadOnly: true, mapBytes: limits.initialMapBytes, freeBytesMin: limits.mapFreeBytesMin),
      checking: try StructureChecker.journal(directory))
    do throws(JournalError) {
      let keys = try LMDBKeyReader(directory: directory)
      self.directory = directory
      log = CommittedLog(disk: disk, keys: keys, tail: nil, durable: nil)
    } catch {
      disk.close()
      throw error
    }
  }

  /// A reader of any disk: of simulation's.
  package init(disk: any JournalDisk, keys: any KeyStore) {
    directory = nil
    log = CommittedLog(disk: disk, keys: keys, tail: nil, durable: nil)
  }

  deinit { close() }

  /// Ends reading; afterwards reads throw `stopped`.
  package func close() {
    log.disk.close()
    log.keys.close()
  }

  package func cursor(after position: Position) -> JournalCursor {
    JournalCursor(log, after: position)
  }

  package func record(at position: Position) throws(JournalError) -> Record? {
    try log.record(at: position)
  }

  package func secret(at position: Position) throws(JournalError) -> SecretReading {
    try log.secret(at: position)
  }

  /// The same, quicker if the text is by `author`.
  package func secret(
    at position: Position, by author: UserID?
  ) throws(JournalError) -> SecretReading {
    try log.secret(at: position, by: author)
  }

  /// The text of a record that was read before, which is quicker.
  package func secret(of record: Record) throws(JournalError) -> SecretReading {
    guard record.hasSecret else { return .none }
    return try log.secret(at: record.position, by: record.actor)
  }

  /// Of the newest commit.
  package func head() throws(JournalError) -> JournalHead {
    try ContentChecker(disk: log.disk).head(checking: .tail)
  }

  /// The stored bytes of the block that begins at or before a position, and where it begins.
  package func rawBlock(
    atOrBefore position: Position
  ) throws(JournalError) -> (first: UInt64, bytes: [UInt8])? {
    try log.disk.block(atOrBefore: position)
  }
}
