internal import CSSL
internal import Glibc

/// TLS over a socket.
///
/// OpenSSL reads from the descriptor no more than the record that it is asked for, and a call takes
/// a whole one: so nothing waits within it of which the loop would not be told.
///
/// The pointer is valid until the end of this object. Used by one loop at a time: the one of the
/// handshake, then that of the connection.
@safe final class TLSStream: ByteStream, @unchecked Sendable {
  private let session: OpaquePointer
  private let socket: Socket
  /// OpenSSL must not be asked again after a failure.
  private var failure: SystemError?

  var descriptor: Int32 { socket.descriptor }
  var receivesInParts: Bool { true }

  init(_ socket: Socket, _ context: TLSContext) {
    guard let session = unsafe SSL_new(context.pointer),
      unsafe SSL_set_fd(session, socket.descriptor) == 1
    else { fatalError("OpenSSL has no memory for a connection") }
    unsafe SSL_set_accept_state(session)
    unsafe self.session = session
    self.socket = socket
  }

  deinit { unsafe SSL_free(session) }

  enum HandshakeStep: Equatable {
    case done
    case awaitsInput
    case awaitsRoom
    case failed(reason: String)
  }

  /// Goes on with the handshake as far as that is possible now.
  func shakeHands() -> HandshakeStep {
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(session)
    if result == 1 { return .done }
    switch unsafe SSL_get_error(session, result) {
    case SSL_ERROR_WANT_READ: return .awaitsInput
    case SSL_ERROR_WANT_WRITE: return .awaitsRoom
    case SSL_ERROR_SSL:
      return .failed(reason: verificationFailure ?? opensslReason() ?? "unknown")
    default:
      return .failed(reason: TLSHandshake.endedEarly)
    }
  }

  /// What is wrong with the client's certificate; nil if it is not that.
  private var verificationFailure: String? {
    let result = unsafe SSL_get_verify_result(session)
    guard result != Int(X509_V_OK), let text = unsafe X509_verify_cert_error_string(result) else {
      return nil
    }
    return unsafe "the client's certificate: " + String(cString: text)
  }

  func receive(into buffer: ReceiveBuffer, countMax: Int) -> StreamResult {
    precondition(countMax >= Self.receivedBytesMin, "a whole record must have room")
    if let failure { return .failed(failure) }
    var count = 0
    ERR_clear_error()
    let result = unsafe SSL_read_ex(
      session, buffer.storage.baseAddress, min(countMax, buffer.storage.count), &count)
    assert(unsafe SSL_pending(session) == 0, "a part of a record was left within OpenSSL")
    return result == 1 ? .moved(count) : outcome(of: result, isReceiving: true)
  }

  func send(_ bytes: [UInt8], from start: Int, countMax: Int) -> StreamResult {
    if let failure { return .failed(failure) }
    let end = min(bytes.count, start + countMax)
    var at = start
    while at < end {
      var count = 0
      ERR_clear_error()
      let result = unsafe bytes.withUnsafeBytes { raw in
        unsafe SSL_write_ex(session, raw.baseAddress! + at, end - at, &count)
      }
      guard result == 1 else {
        let outcome = outcome(of: result, isReceiving: false)
        // What ends the stream is told when it is asked next.
        return at > start ? .moved(at - start) : outcome
      }
      at += count
    }
    return .moved(at - start)
  }

  func finish() -> Bool {
    guard failure == nil else { return socket.finish() }
    ERR_clear_error()
    let result = unsafe SSL_shutdown(session)
    if result < 0, unsafe SSL_get_error(session, result) == SSL_ERROR_WANT_WRITE { return false }
    return socket.finish()
  }

  func close() { socket.close() }

  private func outcome(of result: Int32, isReceiving: Bool) -> StreamResult {
    let error = errno
    switch unsafe SSL_get_error(session, result) {
    case SSL_ERROR_WANT_READ where isReceiving, SSL_ERROR_WANT_WRITE where !isReceiving:
      return .blocked
    case SSL_ERROR_WANT_WRITE:
      return .blockedByOutput
    case SSL_ERROR_ZERO_RETURN:
      return .ended
    case SSL_ERROR_SYSCALL where error != 0:
      return fail(error)
    default:
      // Also a peer that says half a message of the protocol and then waits for what we send:
      // nobody does that in earnest.
      return fail(EPROTO)
    }
  }

  private func fail(_ number: Int32) -> StreamResult {
    let error = SystemError(number: number)
    failure = error
    return .failed(error)
  }
}
