package import Domain
internal import Synchronization

/// A disk in memory, for simulation: it can lose what was not synced, fail, and be damaged.
///
/// `crashed` gives the disk as a machine finds it after the loss of power.
package final class MemoryDisk: JournalDisk {
  package enum Fault: Sendable {
    /// The next commit fails and changes nothing.
    case commitFails
    /// The next commit is carried out, and then reported as failed.
    case commitFailsAfterwards
    case syncFails
    /// The next commit fails for want of room, and changes nothing.
    case diskIsFull
  }

  private struct Content {
    var blocks: [(first: UInt64, bytes: [UInt8])] = []
    var requests: [[UInt8]: [UInt8]] = [:]
    var meta: [[UInt8]: [UInt8]] = [:]
  }

  private struct State {
    var content = Content()
    var unsynced: [DiskBatch] = []
    var synced = Content()
    var fault: Fault?
  }

  private let isSyncedLater: Bool
  private let state: Mutex<State>

  /// With `isSyncedLater`, commits become durable with `sync` only.
  package init(isSyncedLater: Bool = false) {
    self.isSyncedLater = isSyncedLater
    state = Mutex(State())
  }

  private init(_ content: Content, isSyncedLater: Bool) {
    self.isSyncedLater = isSyncedLater
    state = Mutex(State(content: content, synced: content))
  }

  /// A disk with what was synced and the first `unsynced` of the transactions after that.
  package func crashed(keeping unsynced: Int = 0) -> MemoryDisk {
    state.withLock { state in
      var content = state.synced
      for batch in state.unsynced.prefix(unsynced) { Self.apply(batch, to: &content) }
      return MemoryDisk(content, isSyncedLater: isSyncedLater)
    }
  }

  package var unsyncedCount: Int { state.withLock { $0.unsynced.count } }

  /// Happens once, at the next occasion.
  package func inject(_ fault: Fault) { state.withLock { $0.fault = fault } }

  /// Changes stored bytes behind everybody's back: the `index`th block.
  package func damageBlock(_ index: Int, _ change: (inout [UInt8]) -> Void) {
    state.withLock { change(&$0.content.blocks[index].bytes) }
  }

  package func removeBlock(_ index: Int) {
    _ = state.withLock { $0.content.blocks.remove(at: index) }
  }

  /// Changes, adds or removes what the journal keeps about itself.
  package func damageMeta(_ key: [UInt8], _ change: (inout [UInt8]?) -> Void) {
    state.withLock { change(&$0.content.meta[key]) }
  }

  /// Turns the bits of one byte around, of whatever is stored: which one, `dice` says. Returns what
  /// it belongs to; nil if nothing is stored.
  package func damageByte(at dice: UInt64) -> String? {
    state.withLock { state in
      let content = state.content
      let keys = content.requests.keys.sorted { $0.lexicographicallyPrecedes($1) }
      let names = content.meta.keys.sorted { $0.lexicographicallyPrecedes($1) }
      let count = UInt64(content.blocks.count + keys.count + names.count)
      guard count > 0 else { return nil }
      let index = Int(dice % count)
      func turn(_ bytes: inout [UInt8]) {
        if !bytes.isEmpty { bytes[Int((dice >> 32) % UInt64(bytes.count))] ^= 0xFF }
      }
      if index < content.blocks.count {
        turn(&state.content.blocks[index].bytes)
        return "block \(index)"
      }
      if index < content.blocks.count + keys.count {
        turn(&state.content.requests[keys[index - content.blocks.count]]!)
        return "a stored request"
      }
      let name = names[index - content.blocks.count - keys.count]
      turn(&state.content.meta[name]!)
      return "the entry \(name) of the table meta"
    }
  }

  package func withBlock<R>(
    atOrBefore position: Position,
    _ body: (_ first: UInt64, _ bytes: Span<UInt8>) throws(JournalError) -> R
  ) throws(JournalError) -> R? {
    let block = state.withLock { state -> (first: UInt64, bytes: [UInt8])? in
      let blocks = state.content.blocks
      var low = 0
      var high = blocks.count
      while low < high {
        let middle = (low + high) / 2
        if blocks[middle].first <= position.raw { low = middle + 1 } else { high = middle }
      }
      return low > 0 ? blocks[low - 1] : nil
    }
    guard let block else { return nil }
    return try body(block.first, block.bytes.span)
  }

  package func blockCount() -> UInt64 { state.withLock { UInt64($0.content.blocks.count) } }

  package func request(_ key: [UInt8]) -> [UInt8]? {
    state.withLock { $0.content.requests[key] }
  }

  package func forEachRequest(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    let requests = state.withLock { $0.content.requests }
    for key in requests.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try body(key, requests[key]!)
    }
  }

  package func requests(
    after key: [UInt8], max: Int
  ) -> [(key: [UInt8], value: [UInt8])] {
    let all = state.withLock { $0.content.requests }
    let keys = all.keys.filter { key.lexicographicallyPrecedes($0) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    return keys.prefix(max).map { ($0, all[$0]!) }
  }

  package func metaEntry(_ key: [UInt8]) -> [UInt8]? {
    state.withLock { $0.content.meta[key] }
  }

  package func forEachMeta(
    _ body: (_ key: [UInt8], _ value: [UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    let meta = state.withLock { $0.content.meta }
    for key in meta.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try body(key, meta[key]!)
    }
  }

  package func commit(_ batch: DiskBatch) throws(JournalError) {
    let fault = state.withLock { state -> Fault? in
      let fault = state.fault == .syncFails ? nil : state.fault
      if fault != nil { state.fault = nil }
      if fault == .commitFails || fault == .diskIsFull { return fault }
      Self.apply(batch, to: &state.content)
      if isSyncedLater { state.unsynced.append(batch) } else { state.synced = state.content }
      return fault
    }
    guard let fault else { return }
    let reason = fault == .diskIsFull ? "no space left on the simulated disk" : "EIO"
    throw .library(operation: "commit", reason: reason)
  }

  package func sync() throws(JournalError) {
    let failed = state.withLock { state in
      if state.fault == .syncFails {
        state.fault = nil
        return true
      }
      state.synced = state.content
      state.unsynced = []
      return false
    }
    if failed { throw .library(operation: "sync", reason: "EIO") }
  }

  package func close() {}

  private static func apply(_ batch: DiskBatch, to content: inout Content) {
    for block in batch.blocks { content.blocks.append((block.first.raw, block.bytes)) }
    for (key, value) in batch.requests { content.requests[key] = value }
    for (key, value) in batch.meta { content.meta[key] = value }
    guard batch.purgeRequestsMax > 0 else { return }
    let outdated = content.requests.keys.filter {
      $0.lexicographicallyPrecedes(batch.purgeRequestsBefore)
    }
    for key in outdated.sorted(by: { $0.lexicographicallyPrecedes($1) })
      .prefix(batch.purgeRequestsMax)
    {
      content.requests[key] = nil
    }
  }
}
