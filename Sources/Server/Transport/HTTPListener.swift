/// What an HTTP request is answered with.
package struct HTTPAnswer: Sendable {
  package var status: Int
  package var contentType: String
  package var body: String

  package init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: String) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

/// Answers GET and HEAD to machines that watch this one: one request a connection, known by its
/// path alone, with the bounds that everything here has. libevent's own HTTP server can neither
/// bound its connections nor be kept from taking the last descriptor.
package final class HTTPListener: Sendable {
  /// Open at once; one more is told so and closed.
  package static let connectionsMax = 64
  /// Of a request with all its headers.
  package static let requestBytesMax = 8 << 10
  /// From the connection to the end of the request.
  static let requestMillisecondsMax = 5_000

  /// The real one, if 0 was asked for.
  package let port: UInt16
  private let listener: Listener

  /// Answers from then on, on the loop's thread: `answer` must not wait for anything.
  ///
  /// - Parameters:
  ///   - port: 0 lets the system choose.
  ///   - answer: nil is "404 Not Found".
  package init(
    host: String, port: UInt16, loop: EventLoop, log: @escaping @Sendable (String) -> Void,
    answer: @escaping @Sendable (_ path: String) -> HTTPAnswer?
  ) throws(ListenError) {
    listener = try Listener(
      host: host, port: port, loops: [loop], connectionsMax: Self.connectionsMax,
      refusal: HTTPAnswer(status: 503, body: "too many connections\n").bytes(hasBody: true),
      log: log
    ) { HTTPConnection($0, answer) }
    self.port = listener.port
    listener.start()
  }

  /// Accepts no more; what is open ends by itself.
  package func stop(_ done: @escaping @Sendable () -> Void) { listener.stop(done) }
}

/// One request and its answer.
private final class HTTPConnection: ConnectionDelegate {
  private let answer: (_ path: String) -> HTTPAnswer?
  private var request: [UInt8] = []
  private var isAnswered = false
  private var deadline: LoopTimer?

  init(_ connection: Connection, _ answer: @escaping (_ path: String) -> HTTPAnswer?) {
    self.answer = answer
    deadline = connection.loop.after(milliseconds: HTTPListener.requestMillisecondsMax) {
      [weak connection] in connection?.close(afterFlush: false)
    }
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard !isAnswered else { return }
    request.append(contentsOf: [UInt8](copying: bytes))
    let end = Array("\r\n\r\n".utf8)
    if let last = request.firstRange(of: end) {
      guard last.upperBound <= HTTPListener.requestBytesMax else { return refuse(connection, 431) }
      respond(connection)
    } else if request.count > HTTPListener.requestBytesMax {
      refuse(connection, 431)
    }
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) { deadline?.cancel() }

  private func respond(_ connection: Connection) {
    let line = request.prefix { $0 != UInt8(ascii: "\r") }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return refuse(connection, 400) }
    guard words[0] == "GET" || words[0] == "HEAD" else { return refuse(connection, 405) }
    let path = words[1].prefix { $0 != "?" }
    let found = answer(String(path))
    finish(
      connection, found ?? HTTPAnswer(status: 404, body: "there is nothing at this path\n"),
      hasBody: words[0] == "GET")
  }

  private func refuse(_ connection: Connection, _ status: Int) {
    finish(
      connection, HTTPAnswer(status: status, body: "\(HTTPAnswer.reason(status))\n"),
      hasBody: true)
  }

  private func finish(_ connection: Connection, _ answer: HTTPAnswer, hasBody: Bool) {
    isAnswered = true
    deadline?.cancel()
    request = []
    connection.write(answer.bytes(hasBody: hasBody))
    connection.close(afterFlush: true)
  }
}

extension HTTPAnswer {
  /// As it is sent, the last one of its connection.
  fileprivate func bytes(hasBody: Bool) -> [UInt8] {
    let head =
      "HTTP/1.1 \(status) \(Self.reason(status))\r\nContent-Type: \(contentType)\r\n"
      + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
    return Array((hasBody ? head + body : head).utf8)
  }

  fileprivate static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 431: "Request Header Fields Too Large"
    default: "Service Unavailable"
    }
  }
}
