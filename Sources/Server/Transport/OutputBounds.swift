private import Synchronization

/// What may wait on one connection to be sent, in bytes.
package struct OutputBounds: Equatable, Sendable {
  /// Above `high` no more is read from the client, until no more than `low` waits.
  package var low: Int
  package var high: Int
  /// Exactly this much may wait; one more closes the connection.
  package var max: Int

  package init(low: Int, high: Int, max: Int) {
    (self.low, self.high, self.max) = (low, high, max)
  }

  /// Of somebody who has logged in.
  package static let member = OutputBounds(low: 64 << 10, high: 1 << 20, max: 8 << 20)
  /// Before that. With what may be received (`WireLimits.unauthenticated`) it stays within 64 KiB,
  /// but for the last reply: that may be a page.
  package static let stranger = OutputBounds(low: 4 << 10, high: 12 << 10, max: 8 << 20)
}

/// What many connections may have waiting to be sent together.
package final class OutputBudget: Sendable {
  package let bytesMax: Int
  private let bytes = Atomic(0)

  package init(bytesMax: Int) { self.bytesMax = bytesMax }

  package var waitingBytes: Int { bytes.load(ordering: .relaxed) }

  /// False if more waits now than may.
  @discardableResult
  func change(by count: Int) -> Bool {
    bytes.wrappingAdd(count, ordering: .relaxed).newValue <= bytesMax
  }
}
