/// One handshake, from the accepted socket to the stream or the end of the socket.
final class TLSHandshake: EventHandler {
  enum Outcome {
    case done(TLSStream)
    /// The client speaks something else.
    case notTLS
    case failed(reason: String)
    case timedOut
    /// Gave its place to another.
    case displaced
  }

  /// Of the first record: its type, version and length, and the type and length of its message.
  private static let headBytes = 9
  /// Bytes of a client's first message; longer ones are nobody's.
  static let helloBytesMax = 16 << 10
  static let endedEarly = "the connection ended within the handshake"
  private static let refusal = Array("-ERR this port takes TLS only\r\n".utf8)

  let started: ContinuousClock.Instant
  private let socket: Socket
  private let loop: EventLoop
  private let context: TLSContext
  private let done: (Outcome) -> Void
  private var stream: TLSStream?
  /// Tells of every arrival until the head is there, then as long as there is something to read.
  private var reader: EventSource?
  private var writer: EventSource?
  private var deadline: LoopTimer?
  /// The client was told that this is no port for it, and may hang up.
  private var isParting = false

  /// `done` is called once, from a turn of the loop, never from within `begin`.
  init(
    _ socket: Socket, on loop: EventLoop, _ context: TLSContext,
    done: @escaping (Outcome) -> Void
  ) {
    started = .now
    self.socket = socket
    self.loop = loop
    self.context = context
    self.done = done
  }

  func begin(millisecondsMax: Int) {
    listen(.readableEdge(socket.descriptor))
    endAfter(millisecondsMax)
  }

  private func listen(_ interest: EventSource.Interest) {
    reader?.free()
    let reader = EventSource(loop.base, interest, handler: self)
    self.reader = reader
    reader.add()
  }

  private func endAfter(_ milliseconds: Int) {
    deadline?.cancel()
    let this = Unowned(self)
    deadline = loop.after(milliseconds: milliseconds) {
      guard let handshake = this.handshake else { return }
      handshake.end(handshake.isParting ? .notTLS : .timedOut)
    }
  }

  func eventFired(_ source: EventSource) {
    if isParting {
      part()
    } else if stream == nil {
      meet()
    } else {
      step()
    }
  }

  /// Looks at the first bytes without taking them: OpenSSL would take what it is told about the
  /// length of a message for granted, and answers what is not TLS in TLS.
  private func meet() {
    let head = socket.peek(Self.headBytes)
    let (handshakeRecord, clientHello): (UInt8, UInt8) = (0x16, 0x01)
    if let first = head.first, first != handshakeRecord { return refuse() }
    guard head.count == Self.headBytes else {
      if socket.hasEnded { end(.failed(reason: Self.endedEarly)) }
      return
    }
    let length = head[6...8].reduce(0) { $0 << 8 | Int($1) }
    guard head[5] == clientHello, length <= Self.helloBytesMax else {
      return end(.failed(reason: "the first message is not one that opens a connection"))
    }
    stream = TLSStream(socket, context)
    listen(.readable(socket.descriptor))
    writer = EventSource(loop.base, .writable(socket.descriptor), handler: self)
    step()
  }

  /// Says in plain words what is wrong, and gives the client time to read it: closing while bytes
  /// arrive would make the system take it back.
  private func refuse() {
    _ = socket.send(Self.refusal, from: 0, countMax: Self.refusal.count)
    _ = socket.finish()
    isParting = true
    listen(.readable(socket.descriptor))
    endAfter(Connection.lingerMillisecondsMax)
  }

  private func part() {
    switch socket.receive(into: loop.receiveBuffer, countMax: EventLoop.receivedBytesPerTurnMax) {
    case .moved, .blocked: return
    case .blockedByOutput, .ended, .failed: end(.notTLS)
    }
  }

  private func step() {
    guard let stream else { return }
    switch stream.shakeHands() {
    case .done:
      end(.done(stream))
    case .awaitsInput:
      writer?.remove()
      reader?.add()
    case .awaitsRoom:
      reader?.remove()
      writer?.add()
    case .failed(let reason):
      end(.failed(reason: reason))
    }
  }

  /// Closes the socket unless a stream has it now. Once.
  func end(_ outcome: Outcome) {
    guard let reader else { return }
    self.reader = nil
    reader.free()
    writer?.free()
    writer = nil
    deadline?.cancel()
    deadline = nil
    stream = nil
    if case .done = outcome {} else { socket.close() }
    done(outcome)
  }

  /// For a timer that belongs to the same loop.
  private final class Unowned: @unchecked Sendable {
    weak var handshake: TLSHandshake?
    init(_ handshake: TLSHandshake) { self.handshake = handshake }
  }
}
