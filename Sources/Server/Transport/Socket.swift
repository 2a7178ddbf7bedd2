internal import Glibc

/// What became of an attempt to move bytes.
enum StreamResult: Equatable {
  case moved(Int)
  /// Not now; ask again when the descriptor is ready.
  case blocked
  /// Nothing can be received before something could be sent: ask again when there is room.
  case blockedByOutput
  /// The peer will send no more.
  case ended
  case failed(SystemError)
}

/// What a connection reads from and writes to: a socket, or TLS over one.
///
/// Never waits. The loop asks again only when the descriptor is ready, so nothing may be kept back:
/// what was taken from the descriptor is handed out, and what is not handed out is left in it.
protocol ByteStream {
  var descriptor: Int32 { get }
  /// Whether one call may leave bytes in the descriptor though there was room for them.
  var receivesInParts: Bool { get }
  /// At most `countMax` bytes, which is no less than `receivedBytesMin`.
  func receive(into buffer: ReceiveBuffer, countMax: Int) -> StreamResult
  /// Sends at most `countMax` bytes from `start` on.
  func send(_ bytes: [UInt8], from start: Int, countMax: Int) -> StreamResult
  /// Tells the peer that nothing more will come; false if that has to wait until there is room.
  func finish() -> Bool
  func close()
}

extension ByteStream {
  /// What one record of TLS holds.
  static var receivedBytesMin: Int { 16 << 10 }
}

/// Where a loop receives; one for all its connections, so an idle one holds none.
@safe final class ReceiveBuffer {
  /// Of the capacity that was asked for, always; written to by streams alone.
  let storage: UnsafeMutableBufferPointer<UInt8>

  init(capacity: Int) {
    unsafe storage = .allocate(capacity: capacity)
    unsafe storage.initialize(repeating: 0)
  }

  func withBytes(_ count: Int, _ body: (Span<UInt8>) -> Void) {
    unsafe body(UnsafeBufferPointer(rebasing: storage[..<count]).span)
  }

  deinit {
    unsafe storage.deallocate()
  }
}

/// A failed system call, by number and in words.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  package let number: Int32

  static var last: SystemError { SystemError(number: errno) }

  /// The everyday ways in which a peer disappears.
  var isHangUp: Bool { [ECONNRESET, EPIPE, ETIMEDOUT].contains(number) }

  package var description: String {
    unsafe String(cString: strerror(number))
  }
}

/// A non-blocking TCP socket.
struct Socket: ByteStream {
  let descriptor: Int32

  var receivesInParts: Bool { false }

  func receive(into buffer: ReceiveBuffer, countMax: Int) -> StreamResult {
    let countMax = unsafe min(countMax, buffer.storage.count)
    let count = unsafe recv(descriptor, buffer.storage.baseAddress, countMax, 0)
    if count > 0 { return .moved(count) }
    return count == 0 ? .ended : Self.result(SystemError.last)
  }

  func send(_ bytes: [UInt8], from start: Int, countMax: Int) -> StreamResult {
    let count = unsafe bytes.withUnsafeBytes { raw in
      unsafe Glibc.send(
        descriptor, raw.baseAddress! + start, min(raw.count - start, countMax),
        Int32(MSG_NOSIGNAL))
    }
    return count >= 0 ? .moved(count) : Self.result(SystemError.last)
  }

  func finish() -> Bool {
    _ = shutdown(descriptor, Int32(SHUT_WR))
    return true
  }

  /// The first bytes that wait to be received, left where they are; fewer if fewer have arrived.
  func peek(_ countMax: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: countMax) { buffer, filled in
      let count = unsafe recv(descriptor, buffer.baseAddress, countMax, Int32(MSG_PEEK))
      filled = max(0, count)
    }
  }

  /// Whether the peer will send no more than what has arrived.
  var hasEnded: Bool {
    // POLLRDHUP, which Swift's Glibc module leaves out.
    let peerIsDone: Int32 = 0x2000
    var asked = pollfd(fd: descriptor, events: Int16(peerIsDone), revents: 0)
    guard unsafe poll(&asked, 1, 0) > 0 else { return false }
    return Int32(asked.revents) & (peerIsDone | POLLHUP | POLLERR) != 0
  }

  func close() {
    _ = Glibc.close(descriptor)
  }

  private static func result(_ error: SystemError) -> StreamResult {
    switch error.number {
    case EAGAIN, EINTR: .blocked
    default: .failed(error)
    }
  }
}
