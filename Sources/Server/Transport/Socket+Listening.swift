internal import CEvent
internal import Glibc

extension Socket {
  /// How many connections may wait to be accepted; the system's `somaxconn` may allow less.
  static let backlogMax: Int32 = 4096
  /// Seconds without a word until the system asks whether the peer is still there.
  private static let keepAliveSeconds: Int32 = 300
  /// Bytes that the system keeps for a peer that does not read, besides what is on its way; else it
  /// would be megabytes a connection.
  private static let unsentBytesMax: Int32 = 256 << 10

  /// A listening socket. What is set here (no delay, keep-alive, …) accepted sockets inherit.
  static func listening(host: String, port: UInt16) throws(SystemError) -> Socket {
    unsafe try withAddress(host: host, port: port) {
      (family, address, length) throws(SystemError) in
      let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      let descriptor = socket(family, type, 0)
      guard descriptor >= 0 else { throw .last }
      let made = Socket(descriptor: descriptor)
      made.set(SOL_SOCKET, SO_REUSEADDR, 1)
      made.set(SOL_SOCKET, SO_KEEPALIVE, 1)
      made.set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, keepAliveSeconds)
      made.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
      made.set(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentBytesMax)
      guard unsafe bind(descriptor, address, length) == 0, listen(descriptor, backlogMax) == 0
      else {
        let error = SystemError.last
        made.close()
        throw error
      }
      return made
    }
  }

  enum Accepted {
    case socket(Socket, peer: String)
    case none
    /// No descriptor or memory is left; asking again at once would not help.
    case exhausted(SystemError)
    case failed(SystemError)
  }

  func accept() -> Accepted {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let accepted = unsafe withUnsafeMutablePointer(to: &address) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe accept4(descriptor, pointer, &length, flags)
      }
    }
    if accepted >= 0 {
      return .socket(Socket(descriptor: accepted), peer: Self.describe(address, length))
    }
    let error = SystemError.last
    switch error.number {
    case EAGAIN: return .none
    // The peer was gone before we came, or the network has a word to say about it.
    case ECONNABORTED, EINTR, EPROTO, ENETDOWN, EHOSTDOWN, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT:
      return .failed(error)
    default: return .exhausted(error)
    }
  }

  /// The port it is bound to.
  var localPort: UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe getsockname(descriptor, pointer, &length)
      }
    }
    precondition(result == 0, "a bound socket has an address")
    // The port stands in the same place in IPv4 and IPv6 addresses.
    return unsafe withUnsafeBytes(of: &address) { raw in
      unsafe UInt16(bigEndian: raw.load(fromByteOffset: 2, as: UInt16.self))
    }
  }

  private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    _ = unsafe setsockopt(
      descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// `1.2.3.4:5` or `[::1]:5`.
  private static func describe(_ address: sockaddr_storage, _ length: socklen_t) -> String {
    var address = address
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let result = unsafe withUnsafeMutablePointer(to: &address) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe getnameinfo(
          pointer, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard result == 0 else { return "?" }
    let name = text(host)
    return (name.contains(":") ? "[\(name)]" : name) + ":" + text(port)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Calls `body` with the first address the host has.
  private static func withAddress(
    host: String, port: UInt16,
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Socket
  ) throws(SystemError) -> Socket {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let result = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard result == 0, let first = unsafe list, let address = unsafe first.pointee.ai_addr else {
      throw SystemError(number: result == EAI_SYSTEM ? errno : EADDRNOTAVAIL)
    }
    defer { unsafe freeaddrinfo(list) }
    return unsafe try body(first.pointee.ai_family, address, first.pointee.ai_addrlen)
  }
}
