internal import CEvent
internal import Glibc

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

/// A small HTTP server for machines that watch this one: libevent's, on one loop. Answers GET and
/// HEAD; what is asked for is known by its path alone.
///
/// Answers at once and on the loop's thread: `answer` must not wait for anything.
@safe package final class HTTPListener: @unchecked Sendable {
  /// A scrape is a request line and some headers.
  static let headersBytesMax = 8 << 10
  /// Seconds that a client may take to send a request or to fetch its answer.
  private static let timeoutSeconds: Int32 = 5

  /// The real one, if 0 was asked for.
  package let port: UInt16
  private let loop: EventLoop
  private let answer: @Sendable (_ path: String) -> HTTPAnswer?
  /// On the loop's thread only.
  private var server: OpaquePointer?

  /// Binds and answers from then on; before `loop` is started or on its thread.
  ///
  /// - Parameters:
  ///   - port: 0 lets the system choose.
  ///   - answer: nil is "404 Not Found".
  package init(
    host: String, port: UInt16, loop: EventLoop,
    answer: @escaping @Sendable (_ path: String) -> HTTPAnswer?
  ) throws(ListenError) {
    self.loop = loop
    self.answer = answer
    let socket: Socket
    do throws(SystemError) {
      socket = try Socket.listening(host: host, port: port)
    } catch {
      throw ListenError(host: host, port: port, cause: error)
    }
    self.port = socket.localPort
    guard let server = unsafe evhttp_new(loop.base.pointer),
      unsafe evhttp_accept_socket(server, socket.descriptor) == 0
    else {
      fatalError("libevent has no memory for an HTTP server")
    }
    unsafe self.server = server
    unsafe evhttp_set_allowed_methods(
      server, UInt16(EVHTTP_REQ_GET.rawValue | EVHTTP_REQ_HEAD.rawValue))
    unsafe evhttp_set_max_headers_size(server, Self.headersBytesMax)
    unsafe evhttp_set_max_body_size(server, 0)
    unsafe evhttp_set_timeout(server, Self.timeoutSeconds)
    unsafe evhttp_set_gencb(
      server,
      { request, argument in
        guard let request = unsafe request, let argument = unsafe argument else { return }
        unsafe Unmanaged<HTTPListener>.fromOpaque(argument).takeUnretainedValue().respond(request)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Closes the port and every connection to it; on the loop's thread, or before it is started.
  package func close() {
    guard let server = unsafe server else { return }
    unsafe evhttp_free(server)
    unsafe self.server = nil
  }

  private func respond(_ request: OpaquePointer) {
    let path = unsafe Self.path(of: request)
    let answer =
      answer(path) ?? HTTPAnswer(status: 404, body: "there is nothing at this path\n")
    guard let body = unsafe evbuffer_new() else {
      return unsafe evhttp_send_error(request, 500, nil)
    }
    defer { unsafe evbuffer_free(body) }
    let headers = unsafe evhttp_request_get_output_headers(request)
    _ = unsafe evhttp_add_header(headers, "Content-Type", answer.contentType)
    let bytes = Array(answer.body.utf8)
    unsafe evbuffer_add(body, bytes, bytes.count)
    unsafe evhttp_send_reply(request, Int32(answer.status), nil, body)
  }

  private static func path(of request: OpaquePointer) -> String {
    guard let uri = unsafe evhttp_request_get_evhttp_uri(request),
      let path = unsafe evhttp_uri_get_path(uri)
    else { return "" }
    return unsafe String(cString: path)
  }
}
