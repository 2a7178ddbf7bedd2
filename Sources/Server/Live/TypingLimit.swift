import Domain
private import Synchronization

/// At most one message per person, chat and second.
final class TypingLimit: Sendable {
  /// People who typed within the last second, in all chats.
  static let typistsMax = 16_384
  static let intervalMs: Int64 = 1_000
  /// How long one is taken to type, if no more is heard.
  static let lastsMs: Int64 = 5_000

  private struct Key: Hashable {
    var chat: ChatID
    var user: UserID
  }

  /// Both in the order of time.
  private struct Told {
    var last: [Key: Instant] = [:]
    var order: ArraySlice<Key> = []

    mutating func forget(through limit: Instant) {
      while let oldest = order.first, let time = last[oldest], time <= limit {
        last[oldest] = nil
        order.removeFirst()
      }
    }
  }

  private let told = Mutex(Told())

  /// False if the members have heard of it within the second. Throws BUSY when too many type.
  func admit(_ user: UserID, in chat: ChatID, at now: Instant) throws(Rejection) -> Bool {
    let admitted: Bool? = told.withLock { told in
      told.forget(through: now.adding(ms: -Self.intervalMs))
      let key = Key(chat: chat, user: user)
      if told.last[key] != nil { return false }
      guard told.last.count < Self.typistsMax else { return nil }
      told.last[key] = now
      told.order.append(key)
      return true
    }
    guard let admitted else { throw .tooManyType }
    return admitted
  }
}
