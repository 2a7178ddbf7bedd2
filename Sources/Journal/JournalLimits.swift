package import Domain

/// How far the journal lets things grow. Past a bound there is a refusal, never growth.
package struct JournalLimits: Sendable {
  /// Enqueued and not yet in a transaction.
  package var queuedEventsMax = 65_536
  package var queuedBytesMax = 64 << 20
  /// An entry with more drafts than this is refused.
  package var transactionEventsMax = 16_384
  /// Fills eight LMDB overflow pages with their header. A larger record has a block of its own.
  package var blockBytesMax = (32 << 10) - 32
  package var recordBytesMax = 2 << 20
  /// Of an idempotency key.
  package var requestKeyBytesMax = 128
  /// Committed records held in memory for cursors that follow closely.
  package var tailEventsMax = 131_072
  /// Outdated requests removed by one transaction.
  package var requestsPurgedMax = 256
  /// The size of the memory map of a new journal; it grows ahead of need.
  package var initialMapBytes = 256 << 20
  /// Free bytes in the map below which it grows; it also grows when less than a quarter is free.
  package var mapFreeBytesMin = 64 << 20

  package init() {}

  /// At most this many bytes of a block for an event: what `recordBytesMax` and `queuedBytesMax`
  /// count.
  package static func recordBytes(of draft: Draft, ownedBy entity: EntityKey) -> Int {
    let tag = if case .tag(let tag) = entity { tag.text.utf8.count } else { 0 }
    return RecordCodec.sizeMax(of: draft) + tag
  }
}

/// When an event counts as durable.
package enum Durability: Hashable, Sendable {
  /// After fsync: survives the loss of power.
  case always
  /// When the operating system has it: survives the end of the process. Synced every `ms`
  /// milliseconds: the loss of power may cost the events of that time, and, because LMDB then
  /// writes without order, in the worst case leaves a journal that is refused as damaged.
  case interval(ms: Int)
}

/// How much of the content is checked when a journal is opened. The structure always is.
package enum ContentCheck: Sendable {
  /// Every block's hash and link, every record's checksum, every request and key.
  case full
  /// As `full` where the journal has at most so many bytes. Of a larger one the last block only:
  /// the rest is for `Journal.deferredCheck`.
  case upTo(bytes: Int)
  /// The last block only.
  case tail
}

extension Durability: CustomStringConvertible {
  /// As the command line and INFO name it.
  package var description: String {
    switch self {
    case .always: "always"
    case .interval(let ms): "interval \(ms) ms"
    }
  }
}
