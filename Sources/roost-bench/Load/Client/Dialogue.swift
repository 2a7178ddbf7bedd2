internal import Wire

/// One request after another on a connection, each waited for: what is to be done before anything
/// is measured.
struct Dialogue {
  let socket: ClientSocket
  private var parser = ReplyParser()
  private var input = [UInt8](repeating: 0, count: 4_096)

  init(_ address: ServerAddress) throws { socket = try ClientSocket(address) }

  /// As somebody, if there is a token.
  init(_ address: ServerAddress, token: String?) throws {
    try self.init(address)
    if let token { _ = try ask(["AUTH", token]) }
  }

  /// The reply; an error is thrown.
  mutating func ask(_ words: [String]) throws -> Reply {
    let request = [UInt8](request: words)
    var sent = 0
    while sent < request.count { sent += try socket.send(request, from: sent) }
    while true {
      if let reply = try parser.next() {
        if case .error(let code, let message) = reply {
          throw BenchError("\(words[0]) was answered \(code) \(message)")
        }
        return reply
      }
      guard let count = try socket.receive(into: &input, from: 0), count > 0 else {
        throw BenchError("the server closed a connection")
      }
      parser.append(input[..<count])
    }
  }

  /// The identifier that a command answers.
  mutating func askForID(_ words: [String]) throws -> String {
    guard case .text(let id) = try ask(words) else {
      throw BenchError("\(words[0]) answered no identifier")
    }
    return id
  }
}
