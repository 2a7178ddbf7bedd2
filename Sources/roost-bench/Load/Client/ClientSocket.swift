internal import Glibc

/// Where a server listens.
struct ServerAddress {
  let host: String
  let port: String

  /// `HOST:PORT`; nil for anything else.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    host = String(text[..<colon])
    port = String(text[text.index(after: colon)...])
    guard !host.isEmpty, let number = UInt16(port), number > 0 else { return nil }
  }
}

/// A TCP connection to a server, without Nagle's delay.
final class ClientSocket {
  let descriptor: Int32

  /// Waits until it is connected.
  init(_ address: ServerAddress) throws {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(address.host, address.port, &hints, &found) == 0,
      let first = unsafe found
    else { throw BenchError("there is no address of \(address.host)") }
    defer { unsafe freeaddrinfo(found) }
    descriptor = socket(
      unsafe first.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure("a socket cannot be made") }
    let code = unsafe connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen)
    guard code == 0 else {
      throw Self.failure("\(address.host):\(address.port) cannot be reached")
    }
    var isOn: Int32 = 1
    _ = unsafe setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  /// From now on `send` and `receive` do not wait.
  func setNonBlocking() {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// How many bytes went out; 0 if none can now. Throws when the connection is gone.
  func send(_ bytes: [UInt8], from start: Int) throws -> Int {
    let count = unsafe bytes.withUnsafeBytes { raw in
      unsafe Glibc.send(
        descriptor, raw.baseAddress! + start, raw.count - start, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return 0 }
    throw Self.failure("sending failed")
  }

  /// How many bytes came in; 0 at the end, nil if there are none now. Throws when the connection is
  /// gone.
  func receive(into bytes: inout [UInt8], from start: Int) throws -> Int? {
    let count = unsafe bytes.withUnsafeMutableBytes { raw in
      unsafe recv(descriptor, raw.baseAddress! + start, raw.count - start, 0)
    }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return nil }
    throw Self.failure("receiving failed")
  }

  private static func failure(_ what: String) -> BenchError {
    BenchError("\(what): \(unsafe String(cString: strerror(errno)))")
  }
}
