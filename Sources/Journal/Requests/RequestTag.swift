package import Domain

/// An idempotency key on its way into the journal, with what to answer a repetition.
package struct RequestTag: Hashable, Sendable {
  /// As the client gave it: up to `JournalLimits.requestKeyBytesMax` bytes.
  package var key: [UInt8]
  /// 32 bytes; another digest under the same key is a conflict.
  package var argumentsDigest: [UInt8]
  package var outcome: Outcome

  package init(key: [UInt8], argumentsDigest: [UInt8], outcome: Outcome) {
    self.key = key
    self.argumentsDigest = argumentsDigest
    self.outcome = outcome
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.key == right.key && left.argumentsDigest == right.argumentsDigest
      && left.outcome == right.outcome
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(argumentsDigest)
  }
}

/// The first answer to a request with an idempotency key.
package struct StoredRequest: Equatable, Sendable {
  /// The last event of the request: the answer may be given once this is durable.
  package var position: Position
  package var argumentsDigest: [UInt8]
  package var outcome: Outcome
  package var time: Instant
}
