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
  /// 32 bytes; none where that is not to be known any more: a repetition is refused as one with
  /// other arguments is.
  package var argumentsDigest: [UInt8]
  package var outcome: Outcome
  package var time: Instant

  /// Without the hash of what was asked, from which private words could be guessed.
  package var withoutArguments: StoredRequest {
    var request = self
    request.argumentsDigest = []
    return request
  }

  /// In the place of an answer that is not kept: it was too old when it was copied, or its request
  /// was cut in two. Done it is, so a repetition must not do it again.
  static func unknown(endingAt position: Position, _ time: Instant) -> StoredRequest {
    StoredRequest(position: position, argumentsDigest: [], outcome: .ok, time: time)
  }
}
