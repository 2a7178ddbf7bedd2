internal import CLMDB

/// A key in LMDB: up to 511 bytes.
typealias LMDBKey = [UInt8]

/// Big-endian, so that keys sort as numbers do.
func bigEndianBytes(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
}

func bigEndianBytes(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
}

/// Nil unless there are eight bytes.
func bigEndianValue(_ bytes: some Collection<UInt8>) -> UInt64? {
  guard bytes.count == 8 else { return nil }
  return bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// Reads, and inside `LMDBEnvironment.write` writes, one table at a time. Lives only as long as the
/// closure that it is passed to.
@safe struct LMDBTransaction {
  private let handle: OpaquePointer

  init(handle: OpaquePointer) { unsafe self.handle = handle }

  var id: UInt64 { unsafe UInt64(mdb_txn_id(handle)) }

  func openTable(_ name: String, create: Bool) throws(JournalError) -> LMDBTable {
    var table = MDB_dbi()
    let code = unsafe mdb_dbi_open(handle, name, create ? UInt32(MDB_CREATE) : 0, &table)
    try lmdbCheck(code, "open the table \(name)")
    return LMDBTable(handle: table)
  }

  func count(_ table: LMDBTable) throws(JournalError) -> UInt64 {
    var statistics = MDB_stat()
    try lmdbCheck(unsafe mdb_stat(handle, table.handle, &statistics), "count entries")
    return UInt64(statistics.ms_entries)
  }

  func get(_ table: LMDBTable, _ key: LMDBKey) throws(JournalError) -> [UInt8]? {
    var code = MDB_SUCCESS
    let value: [UInt8]? = unsafe withValue(key) { key in
      var key = unsafe key
      var value = unsafe MDB_val()
      code = unsafe mdb_get(handle, table.handle, &key, &value)
      return code == MDB_SUCCESS ? unsafe Array(bytes(of: value)) : nil
    }
    if code != MDB_NOTFOUND { try lmdbCheck(code, "read an entry") }
    return value
  }

  /// `append` demands that the key is greater than all others.
  func put(
    _ table: LMDBTable, _ key: LMDBKey, _ value: [UInt8], append: Bool = false
  ) throws(JournalError) {
    let code = unsafe withValue(key) { key in
      unsafe withValue(value) { value in
        var key = unsafe key
        var value = unsafe value
        return unsafe mdb_put(
          handle, table.handle, &key, &value, append ? UInt32(MDB_APPEND) : 0)
      }
    }
    try lmdbCheck(code, "write an entry")
  }

  /// Calls `body` with the entry of the greatest key that is not above `key`. The bytes are the
  /// map's own: not copied, and gone when `body` returns.
  func withEntry<R>(
    _ table: LMDBTable, atOrBefore key: LMDBKey,
    _ body: (_ key: [UInt8], _ value: Span<UInt8>) throws(JournalError) -> R
  ) throws(JournalError) -> R? {
    let cursor = try unsafe LMDBCursor(handle, table)
    guard try cursor.seek(atOrBefore: key) else { return nil }
    return try body(cursor.key, unsafe bytes(of: cursor.value).span)
  }

  /// Calls `body` with the entries in key order, until it returns false: all of them, or those
  /// after a key.
  func forEach(
    _ table: LMDBTable, after key: LMDBKey = [],
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Bool
  ) throws(JournalError) {
    let cursor = try unsafe LMDBCursor(handle, table)
    var found = key.isEmpty ? try cursor.move(MDB_FIRST) : try cursor.seek(after: key)
    while found {
      guard try body(cursor.key, unsafe Array(bytes(of: cursor.value))) else { return }
      found = try cursor.move(MDB_NEXT)
    }
  }

  /// Deletes from the lowest key on, while `isOutdated` says so and at most `max` entries.
  func deleteFirst(
    _ table: LMDBTable, max: Int, while isOutdated: ([UInt8]) -> Bool
  ) throws(JournalError) -> Int {
    let cursor = try unsafe LMDBCursor(handle, table)
    var deleted = 0
    while deleted < max, try cursor.move(MDB_FIRST), isOutdated(cursor.key) {
      try cursor.delete()
      deleted += 1
    }
    return deleted
  }
}

/// The number of a named table, the same for the life of the environment.
struct LMDBTable: Sendable {
  fileprivate let handle: UInt32
}

/// Closed with its scope, before the transaction ends.
@safe private final class LMDBCursor {
  private let handle: OpaquePointer
  private(set) var key: [UInt8] = []
  private(set) var value = unsafe MDB_val()

  init(_ transaction: OpaquePointer, _ table: LMDBTable) throws(JournalError) {
    var cursor: OpaquePointer?
    let code = unsafe mdb_cursor_open(transaction, table.handle, &cursor)
    unsafe handle = cursor ?? OpaquePointer(bitPattern: 1)!
    guard code == MDB_SUCCESS else { throw lmdbError(code, "open a cursor") }
  }

  deinit {
    if unsafe handle != OpaquePointer(bitPattern: 1)! { unsafe mdb_cursor_close(handle) }
  }

  func move(_ operation: MDB_cursor_op) throws(JournalError) -> Bool {
    var found = unsafe MDB_val()
    var content = unsafe MDB_val()
    let code = unsafe mdb_cursor_get(handle, &found, &content, operation)
    return try unsafe arrive(code, found, content)
  }

  func seek(atOrBefore target: LMDBKey) throws(JournalError) -> Bool {
    var found = unsafe MDB_val()
    var content = unsafe MDB_val()
    let code = unsafe withValue(target) { target in
      unsafe found = target
      return unsafe mdb_cursor_get(handle, &found, &content, MDB_SET_RANGE)
    }
    if code == MDB_NOTFOUND { return try move(MDB_LAST) }
    guard try unsafe arrive(code, found, content) else { return false }
    return key == target ? true : try move(MDB_PREV)
  }

  func seek(after target: LMDBKey) throws(JournalError) -> Bool {
    guard try seek(atOrBefore: target) else { return try move(MDB_FIRST) }
    return try move(MDB_NEXT)
  }

  func delete() throws(JournalError) {
    try lmdbCheck(unsafe mdb_cursor_del(handle, 0), "delete an entry")
  }

  private func arrive(
    _ code: Int32, _ found: MDB_val, _ content: MDB_val
  ) throws(JournalError) -> Bool {
    if code == MDB_NOTFOUND { return false }
    try lmdbCheck(code, "move a cursor")
    key = unsafe Array(bytes(of: found))
    unsafe value = content
    return true
  }
}

private func bytes(of value: MDB_val) -> UnsafeBufferPointer<UInt8> {
  unsafe UnsafeBufferPointer(
    start: value.mv_data?.assumingMemoryBound(to: UInt8.self), count: value.mv_size)
}

private func withValue<R>(_ bytes: [UInt8], _ body: (MDB_val) -> R) -> R {
  unsafe bytes.withUnsafeBytes { buffer in
    // LMDB takes a mutable pointer and does not write through it.
    unsafe body(
      MDB_val(
        mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress)))
  }
}

func lmdbCheck(_ code: Int32, _ operation: String) throws(JournalError) {
  if code != MDB_SUCCESS { throw lmdbError(code, operation) }
}

func lmdbError(_ code: Int32, _ operation: String) -> JournalError {
  .library(operation: operation, reason: unsafe String(cString: mdb_strerror(code)))
}
