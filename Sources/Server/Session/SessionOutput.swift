/// Where a session's bytes go: a socket in production, a mailbox under simulation.
/// Called on the session's executor only.
package protocol SessionOutput: AnyObject, Sendable {
  func send(_ bytes: [UInt8])
  /// Closes once everything sent before has been delivered.
  func finish()
  /// Whether so much waits to be sent that no more requests should be answered; `Session.drained`
  /// follows when that is over.
  var isFull: Bool { get }
  /// How many bytes wait to be sent.
  var waitingBytes: Int { get }
  /// Whether the client has logged in by now; nobody has at the beginning.
  func noteLogIn(_ isLoggedIn: Bool)
  /// Stops or restarts the arrival of requests.
  func setReading(_ isReading: Bool)
}

extension SessionOutput {
  /// What is true for all is true for both.
  package func noteLogIn(_ isLoggedIn: Bool) {}
}
