internal import Glibc

/// What became of an attempt to move bytes.
enum StreamResult: Equatable {
  case moved(Int)
  /// Not now; ask again when the descriptor is ready.
  case blocked
  /// The peer will send no more.
  case ended
  case failed(SystemError)
}

/// What a connection reads from and writes to: a socket; later, TLS over one.
///
/// Never waits. The loop asks again only when the descriptor is ready: a layer that decodes more
/// than it hands out (TLS) needs a way to say so.
protocol ByteStream {
  var descriptor: Int32 { get }
  func receive(into buffer: ReceiveBuffer) -> StreamResult
  /// Sends at most `countMax` bytes from `start` on.
  func send(_ bytes: [UInt8], from start: Int, countMax: Int) -> StreamResult
  /// Tells the peer that nothing more will come.
  func finish()
  func close()
}

/// Where a loop receives; one for all its connections, so an idle one holds none.
@safe final class ReceiveBuffer {
  fileprivate let storage: UnsafeMutableBufferPointer<UInt8>

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

  func receive(into buffer: ReceiveBuffer) -> StreamResult {
    let count = unsafe recv(descriptor, buffer.storage.baseAddress, buffer.storage.count, 0)
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

  func finish() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
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
