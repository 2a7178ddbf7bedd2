/// One connection of a load: bytes that wait to go out, and replies as they come in.
final class LoadConnection {
  private static let roomMin = 4_096
  private static let replyBytesMax = 256 << 20

  let socket: ClientSocket
  /// Requests to be sent: whoever adds some calls `flush`.
  var output: [UInt8] = []
  private var sentBytes = 0
  private var input = [UInt8](repeating: 0, count: roomMin)
  /// Where the current reply begins, how far it is understood, and where the received bytes end.
  private var start = 0
  private var index = 0
  private var end = 0
  private var scanner = ReplyScanner()

  init(_ socket: ClientSocket) {
    self.socket = socket
    socket.setNonBlocking()
  }

  /// Sends what can be sent; whether that was all.
  func flush() throws -> Bool {
    while sentBytes < output.count {
      let count = try socket.send(output, from: sentBytes)
      guard count > 0 else { return false }
      sentBytes += count
    }
    output.removeAll(keepingCapacity: true)
    sentBytes = 0
    return true
  }

  /// Takes what has arrived, and calls `body` for each whole reply with its bytes and the time of
  /// its arrival. Whether the connection is still open.
  func receive(
    _ body: (ReplyScanner.Found, _ reply: ArraySlice<UInt8>, _ arrival: UInt64) throws -> Void
  ) throws -> Bool {
    while true {
      try makeRoom()
      guard let count = try socket.receive(into: &input, from: end) else { return true }
      guard count > 0 else { return false }
      end += count
      let wasFull = end == input.count
      let arrival = Stopwatch.nanoseconds
      while let found = try scanner.next(input, upTo: end, from: &index) {
        try body(found, input[start..<index], arrival)
        start = index
      }
      if start == end { (start, index, end) = (0, 0, 0) }
      if !wasFull { return true }
    }
  }

  private func makeRoom() throws {
    guard input.count - end < Self.roomMin else { return }
    if start > 0 {
      input.removeSubrange(..<start)
      input.append(contentsOf: repeatElement(0, count: start))
      (index, end, start) = (index - start, end - start, 0)
      if input.count - end >= Self.roomMin { return }
    }
    guard input.count <= Self.replyBytesMax else {
      throw BenchError("a reply is longer than \(Self.replyBytesMax) bytes")
    }
    input.append(contentsOf: repeatElement(0, count: max(Self.roomMin, input.count)))
  }
}
