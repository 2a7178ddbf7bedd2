import Synchronization

/// Joins a session to its connection: bytes one way, replies the other.
final class SessionConnection: ConnectionDelegate, SessionOutput, @unchecked Sendable {
  private let connection: Connection
  private var session: Session?
  /// Shared by all who have not logged in.
  private let strangers: OutputBudget

  init(_ connection: Connection, strangers: OutputBudget) {
    self.connection = connection
    self.strangers = strangers
    noteLogIn(false)
  }

  func noteLogIn(_ isLoggedIn: Bool) {
    connection.isStrangers = !isLoggedIn
    connection.bounds = isLoggedIn ? .member : .stranger
    connection.receivedBytesMax =
      isLoggedIn ? EventLoop.receivedBytesPerTurnMax : Self.strangerReceivedBytesMax
    connection.join(isLoggedIn ? nil : strangers)
  }

  /// Bytes that a stranger may deliver in a turn; one record of TLS.
  static let strangerReceivedBytesMax = 16 << 10

  /// Before anything is read.
  func attach(_ session: Session) { self.session = session }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard let session else { return }
    let bytes = [UInt8](copying: bytes)
    session.assumeIsolated { $0.receive(bytes) }
  }

  func connectionReceivedAll(_ connection: Connection) {
    session?.assumeIsolated { $0.finish() }
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    guard let session else { return }
    self.session = nil
    Task(executorPreference: connection.loop) { await session.close() }
  }

  func send(_ bytes: [UInt8]) { connection.write(bytes) }

  var isFull: Bool { connection.outputBytes > connection.bounds.high }

  var waitingBytes: Int { connection.outputBytes }

  /// On the connection's loop, from time to time.
  func endIfForgotten() {
    session?.assumeIsolated { $0.endIfForgotten() }
  }

  func connectionDrained(_ connection: Connection) {
    session?.assumeIsolated { $0.drained() }
  }

  func finish() { connection.close(afterFlush: true) }

  func setReading(_ isReading: Bool) {
    if isReading { connection.resumeReading() } else { connection.pauseReading() }
  }
}

extension [UInt8] {
  /// A copy of a span's bytes.
  init(copying span: Span<UInt8>) {
    self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
