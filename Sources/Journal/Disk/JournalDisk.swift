package import Domain

/// Where blocks and requests are kept: LMDB in production, memory under simulation.
///
/// Reads are safe from any thread; `commit`, `sync` and `close` come from the writer alone.
package protocol JournalDisk: Sendable {
  /// Calls `body` with the block that begins at or before a position, and with where it begins.
  /// Nil if there is none. The bytes are not copied and end with the call.
  func withBlock<R>(
    atOrBefore position: Position,
    _ body: (_ first: UInt64, _ bytes: Span<UInt8>) throws(JournalError) -> R
  ) throws(JournalError) -> R?

  func blockCount() throws(JournalError) -> UInt64

  func request(_ key: [UInt8]) throws(JournalError) -> [UInt8]?

  /// Calls `body` with every stored request, in key order.
  func forEachRequest(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError)

  /// The stored requests that follow a key, in key order: at most `max`.
  func requests(
    after key: [UInt8], max: Int
  ) throws(JournalError) -> [(key: [UInt8], value: [UInt8])]

  /// What the journal keeps about itself under a key of the table `meta`.
  func metaEntry(_ key: [UInt8]) throws(JournalError) -> [UInt8]?

  /// Calls `body` with every entry of the table `meta`, in key order.
  func forEachMeta(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError)

  /// All or nothing; durable when it returns, unless the disk is one that is synced later.
  func commit(_ batch: DiskBatch) throws(JournalError)

  /// Makes durable what was committed before.
  func sync() throws(JournalError)

  /// Gives back the memory through which much was read that is not needed any more.
  func releaseMemory()

  func close()
}

/// One transaction.
package struct DiskBatch: Sendable {
  /// In ascending order, after everything stored.
  package var blocks: [(first: Position, bytes: [UInt8])] = []
  package var requests: [(key: [UInt8], value: [UInt8])] = []
  /// Requests with smaller keys go, the lowest first.
  package var purgeRequestsBefore: [UInt8] = []
  package var purgeRequestsMax = 0
  /// Put in the place of what is there under the same keys.
  package var meta: [(key: [UInt8], value: [UInt8])] = []

  package init() {}

  /// What the transaction will occupy, about.
  var sizeMax: Int {
    // A request goes to a page of its own in the worst case.
    blocks.reduce(0) { $0 + $1.bytes.count + 8_192 } + requests.count * 8_192
      + purgeRequestsMax * 4_096
      // New entries come in order: pages are half full at the least.
      + 8_192 + meta.reduce(0) { $0 + 2 * ($1.key.count + $1.value.count + 16) }
  }
}

extension JournalDisk {
  package func releaseMemory() {}

  /// A copy of the block that begins at or before a position.
  package func block(
    atOrBefore position: Position
  ) throws(JournalError) -> (first: UInt64, bytes: [UInt8])? {
    try withBlock(atOrBefore: position) { first, bytes throws(JournalError) in
      (first, Array(copying: bytes))
    }
  }
}

extension Array where Element == UInt8 {
  init(copying span: Span<UInt8>) {
    self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
