/// Bytes that are not the protocol; the connection says so and is closed.
package enum WireError: Error, Equatable, Sendable {
  case invalidMultibulkLength
  case unauthenticatedMultibulkLength
  case headerTooLong
  case expectedBulk(got: UInt8)
  case invalidBulkLength
  case unauthenticatedBulkLength
  case missingLineEndAfterBulk
  case requestTooLong
  case lineTooLong
  case unbalancedQuotes
  case tooManyWords
  case wordTooLong
  /// A line that every request of HTTP has, and none of ours.
  case http
  /// The first byte of TLS, where a request should begin.
  case encrypted
  /// Only from servers: a reply type, length or value that RESP does not have.
  case invalidReply(String)

  /// As Redis words it, where Redis has the case.
  package var message: String {
    "Protocol error: " + reason
  }

  /// What the client is told before the connection is closed.
  package var reply: Reply { .error(code: "ERR", message: message) }

  private var reason: String {
    switch self {
    case .invalidMultibulkLength: "invalid multibulk length"
    case .unauthenticatedMultibulkLength: "unauthenticated multibulk length"
    case .headerTooLong: "too big count string"
    case .expectedBulk(let byte): "expected '$', got '\(printable(byte))'"
    case .invalidBulkLength: "invalid bulk length"
    case .unauthenticatedBulkLength: "unauthenticated bulk length"
    case .missingLineEndAfterBulk: "expected CRLF after bulk string"
    case .requestTooLong: "too big request"
    case .lineTooLong: "too big inline request"
    case .unbalancedQuotes: "unbalanced quotes in request"
    case .tooManyWords: "too many arguments in inline request"
    case .wordTooLong: "too big argument in inline request"
    case .http: "this port takes no HTTP"
    case .encrypted: "this port takes no TLS"
    case .invalidReply(let what): "invalid reply: \(what)"
    }
  }
}

/// The character itself, or `\xHH` for what would spoil an error line.
private func printable(_ byte: UInt8) -> String {
  if byte >= 0x20 && byte < 0x7f { return String(Unicode.Scalar(byte)) }
  let digits = String(byte, radix: 16)
  return "\\x" + (digits.count < 2 ? "0" : "") + digits
}
