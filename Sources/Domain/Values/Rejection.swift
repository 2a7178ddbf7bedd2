/// An expected refusal: the code is the first word of the wire's error, the message the sentence.
package struct Rejection: Error, Hashable, Sendable {
  package enum Code: String, Sendable, CaseIterable {
    case noAuth = "NOAUTH"
    case denied = "DENIED"
    case notFound = "NOTFOUND"
    case invalid = "INVALID"
    case conflict = "CONFLICT"
    case limit = "LIMIT"
    case busy = "BUSY"
    case readOnly = "READONLY"
    case gone = "GONE"
    case error = "ERR"
    /// As Redis words it; client libraries fall back to RESP2 then.
    case noProtocol = "NOPROTO"
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}
