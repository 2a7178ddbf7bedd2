package import Domain

/// Blocks and requests in an LMDB environment: tables `events`, `requests` and `meta`.
package final class LMDBDisk: JournalDisk {
  static let tableNames = ["events", "meta", "requests"]

  private let environment: LMDBEnvironment
  private let events: LMDBTable
  private let requests: LMDBTable
  private let meta: LMDBTable

  /// Opens an environment whose structure was checked, or checks it while a read transaction
  /// keeps its pages from being used again.
  init(
    path: String, _ options: LMDBEnvironment.Options, checking structure: StructureChecker? = nil
  ) throws(JournalError) {
    environment = try LMDBEnvironment(path: path, options, checking: structure)
    do throws(JournalError) {
      let tables = try environment.openTables(Self.tableNames)
      (events, meta, requests) = (tables[0], tables[1], tables[2])
      try environment.read { transaction throws(JournalError) in
        try Self.checkFormat(transaction, tables[1])
      }
    } catch {
      environment.close()
      throw error
    }
  }

  /// Makes an empty journal in an empty directory, synced.
  static func create(path: String, createdAt time: Instant) throws(JournalError) {
    let environment = try LMDBEnvironment(path: path, .init())
    defer { environment.close() }
    try environment.write { transaction throws(JournalError) in
      for name in tableNames { _ = try transaction.openTable(name, create: true) }
      let meta = try transaction.openTable("meta", create: false)
      try transaction.put(meta, FormatEntry.key, FormatEntry(created: time).bytes)
    }
    try environment.sync()
  }

  private static func checkFormat(
    _ transaction: LMDBTransaction, _ meta: LMDBTable
  ) throws(JournalError) {
    let format = try FormatEntry(try transaction.get(meta, FormatEntry.key))
    guard JournalFormat.readable.contains(format.version) else {
      throw .unsupportedVersion(what: "the journal", found: format.version)
    }
  }

  package func withBlock<R>(
    atOrBefore position: Position,
    _ body: (_ first: UInt64, _ bytes: Span<UInt8>) throws(JournalError) -> R
  ) throws(JournalError) -> R? {
    try environment.read { transaction throws(JournalError) in
      try transaction.withEntry(events, atOrBefore: bigEndianBytes(position.raw)) {
        key, value throws(JournalError) in
        guard let first = bigEndianValue(key) else {
          throw JournalError.damage(nil, "a block's key is not a position")
        }
        return try body(first, value)
      }
    }
  }

  package func blockCount() throws(JournalError) -> UInt64 {
    try environment.read { transaction throws(JournalError) in try transaction.count(events) }
  }

  package func request(_ key: [UInt8]) throws(JournalError) -> [UInt8]? {
    try environment.read { transaction throws(JournalError) in
      try transaction.get(requests, key)
    }
  }

  package func forEachRequest(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    try environment.read { transaction throws(JournalError) in
      try transaction.forEach(requests) { key, value throws(JournalError) in
        try body(key, value)
        return true
      }
    }
  }

  package func requests(
    after key: [UInt8], max: Int
  ) throws(JournalError) -> [(key: [UInt8], value: [UInt8])] {
    var found: [(key: [UInt8], value: [UInt8])] = []
    try environment.read { transaction throws(JournalError) in
      try transaction.forEach(requests, after: key) { key, value throws(JournalError) in
        found.append((key, value))
        return found.count < max
      }
    }
    return found
  }

  package func metaEntry(_ key: [UInt8]) throws(JournalError) -> [UInt8]? {
    try environment.read { transaction throws(JournalError) in try transaction.get(meta, key) }
  }

  package func forEachMeta(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    try environment.read { transaction throws(JournalError) in
      try transaction.forEach(meta) { key, value throws(JournalError) in
        try body(key, value)
        return true
      }
    }
  }

  package func commit(_ batch: DiskBatch) throws(JournalError) {
    try environment.reserve(bytes: batch.sizeMax)
    try environment.write { transaction throws(JournalError) in
      for block in batch.blocks {
        try transaction.put(events, bigEndianBytes(block.first.raw), block.bytes, append: true)
      }
      for (key, value) in batch.requests { try transaction.put(requests, key, value) }
      for (key, value) in batch.meta { try transaction.put(meta, key, value) }
      _ = try transaction.deleteFirst(requests, max: batch.purgeRequestsMax) { key in
        key.lexicographicallyPrecedes(batch.purgeRequestsBefore)
      }
    }
  }

  package func sync() throws(JournalError) { try environment.sync() }

  package func releaseMemory() { environment.releaseMemory() }

  package func close() { environment.close() }

  /// In bytes: of the file in use, and of the map.
  package var usage: (used: Int, mapped: Int) { environment.usage }
}
