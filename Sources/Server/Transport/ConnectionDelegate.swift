/// Why a connection ended.
package enum CloseReason: Equatable, Sendable {
  /// The client hung up or vanished.
  case peer
  /// `close` was called.
  case requested
  /// The client did not read what it had asked for.
  case outputOverflow
  /// The client did not read the last of it in time.
  case flushTimeout
  case failed(SystemError)
  /// The loop was stopped.
  case shutdown

  init(_ error: SystemError) {
    self = error.isHangUp ? .peer : .failed(error)
  }
}

/// Whoever speaks with a client. Called on the connection's loop, never within a call the delegate
/// makes to its connection.
package protocol ConnectionDelegate: AnyObject {
  /// At most `EventLoop.receivedBytesPerTurnMax` bytes, valid during the call.
  func connection(_ connection: Connection, received bytes: Span<UInt8>)
  /// The client sends no more but may still read. Whoever has replies under way closes after them;
  /// by default: close after what is written.
  func connectionReceivedAll(_ connection: Connection)
  /// Output had grown beyond `Connection.outputBytesLow` and has fallen to it again.
  func connectionDrained(_ connection: Connection)
  /// Once, last, in any case.
  func connectionClosed(_ connection: Connection, reason: CloseReason)
}

extension ConnectionDelegate {
  package func connectionReceivedAll(_ connection: Connection) {
    connection.close(afterFlush: true)
  }

  package func connectionDrained(_ connection: Connection) {}
}
