import Domain
import Journal

/// A machine's disk as a server has it: while a commit is being written, others go on.
@safe final class SlowDisk: JournalDisk, @unchecked Sendable {
  private let base: MemoryDisk
  // Touched on the simulation's thread only, as the scheduler's lanes are.
  private var whileWriting: (() -> Void)?

  init(_ base: MemoryDisk) { self.base = base }

  /// Called once, in the midst of the next commit.
  func meanwhile(_ body: @escaping () -> Void) { whileWriting = body }

  func commit(_ batch: DiskBatch) throws(JournalError) {
    let body = whileWriting
    whileWriting = nil
    body?()
    try base.commit(batch)
  }

  func sync() throws(JournalError) { try base.sync() }

  func withBlock<R>(
    atOrBefore position: Position,
    _ body: (_ first: UInt64, _ bytes: Span<UInt8>) throws(JournalError) -> R
  ) throws(JournalError) -> R? {
    try base.withBlock(atOrBefore: position, body)
  }

  func blockCount() -> UInt64 { base.blockCount() }

  func request(_ key: [UInt8]) -> [UInt8]? { base.request(key) }

  func forEachRequest(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    try base.forEachRequest(body)
  }

  func requests(after key: [UInt8], max: Int) -> [(key: [UInt8], value: [UInt8])] {
    base.requests(after: key, max: max)
  }

  func metaEntry(_ key: [UInt8]) -> [UInt8]? { base.metaEntry(key) }

  func forEachMeta(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    try base.forEachMeta(body)
  }

  func close() {}
}
