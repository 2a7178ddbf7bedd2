package import Domain
package import Entities
package import Wire

/// What a handler answers: the reply, and the position that must be durable before it is sent.
package struct Response: Sendable {
  /// The first, and mostly the only one; SUBSCRIBE and UNSUBSCRIBE answer with one for each
  /// channel.
  private var first: Reply?
  private var others: [Reply] = []
  /// In their place: the one reply, written already in the dialect of whoever asked.
  package private(set) var written: [UInt8]?
  package var position: Position
  /// What a repetition with the same idempotency key will answer from.
  package var outcome: Gated<Outcome>?

  package init(_ reply: Reply, after position: Position = .zero) {
    first = reply
    self.position = position
  }

  package init(_ reply: Reply, outcome: Gated<Outcome>) {
    first = reply
    position = outcome.position
    self.outcome = outcome
  }

  package init(written: [UInt8], after position: Position) {
    self.written = written
    self.position = position
  }

  package init(replies: [Reply]) {
    first = replies.first
    others = Array(replies.dropFirst())
    position = .zero
  }

  package init(_ outcome: Gated<Outcome>) {
    self.init(Reply(outcome.value), outcome: outcome)
  }
}

extension Response {
  package var replies: [Reply] { first.map { [$0] + others } ?? [] }

  /// Calls `body` with each of the replies to a request: to a plain line always exactly one.
  func forEachReply(framed framing: Framing, _ body: (Reply) -> Void) {
    if written != nil { return }
    switch framing {
    case .line where first == nil || !others.isEmpty:
      body(.array(replies))
    case .line, .resp:
      if let first { body(first) }
      for reply in others { body(reply) }
    }
  }
}

extension Reply {
  /// Ids travel as decimal strings, counts as integers, words as they are.
  package init(_ outcome: Outcome) {
    switch outcome {
    case .ok: self = .ok
    case .word(let word): self = .text(word)
    case .id(let id): self = .text(String(id))
    case .count(let count): self = .integer(Int64(count))
    }
  }

  package static func id(_ raw: UInt64) -> Reply { .text(String(raw)) }

  package static func id(_ raw: UInt64?) -> Reply { raw.map { .text(String($0)) } ?? .null }

  package static func optional(_ text: String?) -> Reply { text.map { .text($0) } ?? .null }

  package static func flag(_ value: Bool) -> Reply { .integer(value ? 1 : 0) }

  package static func time(_ instant: Instant?) -> Reply {
    instant.map { .integer($0.ms) } ?? .null
  }
}
