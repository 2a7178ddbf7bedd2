import Domain
private import Synchronization
import Wire

/// A message of a channel, made once for all who get the same: written once in each dialect.
package final class LiveMessage: Sendable {
  private enum Dialect: Int, CaseIterable {
    case resp2, resp3, line

    init(_ framing: Framing, _ version: RESPVersion) {
      switch (framing, version) {
      case (.line, _): self = .line
      case (.resp, .two): self = .resp2
      case (.resp, .three): self = .resp3
      }
    }
  }

  let channel: String
  /// Of the event that it tells; nil for what is in no journal.
  let at: Position?
  let payload: String
  private let written = Mutex<[[UInt8]?]>(Array(repeating: nil, count: Dialect.allCases.count))

  init(channel: String, payload: String, at: Position?) {
    self.channel = channel
    self.at = at
    self.payload = payload
  }

  /// Of the payload, in bytes: near enough to what it takes to send.
  var size: Int { payload.utf8.count }

  /// As it goes over the wire.
  func bytes(_ framing: Framing, _ version: RESPVersion) -> [UInt8] {
    let dialect = Dialect(framing, version)
    return written.withLock { written in
      if let bytes = written[dialect.rawValue] { return bytes }
      let message = Reply.message(channel: channel, payload: payload)
      let bytes = ReplyWriter.bytes(message, framing: framing, version: version)
      written[dialect.rawValue] = bytes
      return bytes
    }
  }
}
