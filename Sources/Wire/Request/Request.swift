/// How a request was written, and so how its reply is to be written.
package enum Framing: Sendable {
  /// An array of bulk strings; the reply is RESP.
  case resp
  /// Words on a line; the reply is one line of JSON.
  case line
}

/// One command and what it is about. There is always at least one argument, the command's name.
package struct Request: Equatable, Sendable {
  package var arguments: [Argument]
  package var framing: Framing

  /// - Precondition: `arguments` is not empty.
  package init(arguments: [Argument], framing: Framing) {
    precondition(!arguments.isEmpty, "a request has at least a name")
    self.arguments = arguments
    self.framing = framing
  }

  /// As RESP, whatever framing it came in; what a client sends.
  package func encode(into out: inout [UInt8]) {
    out.append(Byte.star)
    appendDecimal(Int64(arguments.count), to: &out)
    out.appendLineEnd()
    for argument in arguments {
      out.append(Byte.dollar)
      appendDecimal(Int64(argument.count), to: &out)
      out.appendLineEnd()
      argument.append(to: &out)
      out.appendLineEnd()
    }
  }

  /// The bytes of a RESP request of these words.
  package static func encoded(_ words: [String]) -> [UInt8] {
    var out: [UInt8] = []
    Request(arguments: words.map { Argument($0) }, framing: .resp).encode(into: &out)
    return out
  }
}

extension [UInt8] {
  mutating func appendLineEnd() {
    append(Byte.carriageReturn)
    append(Byte.lineFeed)
  }
}
