/// One client's connection; belongs to one loop and is used on its thread only.
///
/// Idle, it holds no buffers: it receives into its loop's, and its output's memory goes back to the
/// loop when it is sent. While its output is above `bounds.high` nothing more is read from it
/// (a client that does not read is not listened to), until it is down to `bounds.low`.
package final class Connection: EventHandler, @unchecked Sendable {
  /// Bytes one connection may send in a turn.
  static let sentBytesPerTurnMax = 1 << 20
  /// How long a closing connection may take to send its last output.
  static let flushMillisecondsMax = 30_000
  /// How long we listen on, after our last word, for the client to hang up: closing while bytes
  /// arrive would make the system discard what the client has not yet read.
  static let lingerMillisecondsMax = 2_000

  /// open → flushing → lingering → closed; each may go straight to closed.
  enum State {
    case open
    /// Nothing is read; what is written is being sent.
    case flushing
    /// All is sent, and the client was told so; what arrives is dropped.
    case lingering
    case closed
  }

  /// Unique in the process, in order of acceptance.
  package let id: UInt64
  /// `1.2.3.4:5` or `[::1]:5`.
  package let peer: String
  package let loop: EventLoop
  /// What may wait to be sent.
  package var bounds = OutputBounds.member {
    didSet { if outputBytes > bounds.low { isAboveLow = true } }
  }
  /// What this and others may have waiting together; nil: whatever each may.
  var budget: OutputBudget?
  /// Of the output, counted by `budget`.
  var budgetedBytes = 0
  /// Bytes that are received at a time; others get their turn in between.
  package var receivedBytesMax = EventLoop.receivedBytesPerTurnMax
  /// Whether it is a stranger's, who is listened to when the loop has a turn for strangers.
  package var isStrangers = false
  package var delegate: (any ConnectionDelegate)?

  let stream: any ByteStream
  let onEnd: @Sendable () -> Void
  private(set) var state = State.open
  private var reader: EventSource?
  private var isReading = false
  private var isPaused = false
  private var hasReceivedAll = false
  /// Nothing can be received until there is room to send; TLS alone knows that.
  private(set) var isAwaitingRoomToReceive = false
  /// Waits in line to be listened to.
  private var isInLine = false
  private var deadline: LoopTimer?

  // Output; see Connection+Output.swift.
  var output: [UInt8] = []
  var outputHead = 0
  var writer: EventSource?
  var isAwaitingRoom = false
  var isUnsent = false
  var isAboveLow = false
  var isHeldBack = false

  init(
    id: UInt64, peer: String, loop: EventLoop, stream: any ByteStream,
    onEnd: @escaping @Sendable () -> Void
  ) {
    self.id = id
    self.peer = peer
    self.loop = loop
    self.stream = stream
    self.onEnd = onEnd
  }

  /// Begins to read. On the loop's thread, once the delegate is set.
  func open() {
    guard state != .closed else { return }
    loop.connections[id] = self
    reader = EventSource(loop.base, .readable(stream.descriptor), handler: self)
    updateReading()
  }

  // MARK: Input

  /// Leaves further bytes to the system, and so the client to wait.
  package func pauseReading() {
    loop.checkIsolated()
    isPaused = true
    updateReading()
  }

  package func resumeReading() {
    loop.checkIsolated()
    isPaused = false
    updateReading()
  }

  func updateReading() {
    let wanted =
      switch state {
      case .open:
        !isPaused && !isHeldBack && !hasReceivedAll && !isAwaitingRoomToReceive && !isInLine
      case .flushing, .closed: false
      case .lingering: !hasReceivedAll && !isAwaitingRoomToReceive && !isInLine
      }
    guard wanted != isReading, let reader else { return }
    isReading = wanted
    if wanted { reader.add() } else { reader.remove() }
  }

  func eventFired(_ source: EventSource) {
    if source !== reader {
      sendOutput()
    } else if !isStrangers || loop.hasTurnForStranger() {
      receive()
    } else {
      isInLine = true
      updateReading()
      loop.waitingStrangers.append(self)
    }
  }

  /// Listens after having waited in line; false if there is nothing to listen to any more.
  func takeTurn() -> Bool {
    isInLine = false
    updateReading()
    guard isReading else { return false }
    receive()
    return true
  }

  private func receive() {
    loop.statistics.receives += 1
    var room = min(receivedBytesMax, EventLoop.receivedBytesPerTurnMax)
    repeat {
      let received = receiveOnce(room)
      guard received > 0 else { return }
      room -= received
    } while stream.receivesInParts && isReading && room >= Socket.receivedBytesMin
  }

  /// How many bytes came; 0 if no more will at the moment.
  private func receiveOnce(_ countMax: Int) -> Int {
    switch stream.receive(into: loop.receiveBuffer, countMax: countMax) {
    case .moved(let count):
      if state == .open, let delegate {
        loop.receiveBuffer.withBytes(count) { delegate.connection(self, received: $0) }
      }
      return count
    case .blocked:
      break
    case .blockedByOutput:
      isAwaitingRoomToReceive = true
      updateReading()
      awaitRoom(true)
    case .ended:
      receivedAll()
    case .failed(let error):
      end(CloseReason(error))
    }
    return 0
  }

  /// There is room to send.
  func resumeReceiving() {
    guard isAwaitingRoomToReceive, state != .closed else { return }
    isAwaitingRoomToReceive = false
    updateReading()
    if isReading { receive() }
  }

  private func receivedAll() {
    hasReceivedAll = true
    updateReading()
    switch state {
    case .open: delegate?.connectionReceivedAll(self)
    case .lingering: end(.requested)
    case .flushing, .closed: return
    }
  }

  // MARK: End

  package var isClosed: Bool { state == .closed }

  /// Ends the connection: at once, or when what is written has been sent. What arrives from now on
  /// is dropped, and so is what is written.
  package func close(afterFlush: Bool) {
    loop.checkIsolated()
    switch state {
    case .open where afterFlush:
      state = .flushing
      updateReading()
      startDeadline(Self.flushMillisecondsMax, .flushTimeout)
      if outputBytes == 0 { finishFlush() }
    case .flushing where afterFlush, .lingering where afterFlush, .closed:
      return
    case .open, .flushing, .lingering:
      end(.requested)
    }
  }

  /// All is sent: says so to the client and waits for it to hang up.
  func finishFlush() {
    guard stream.finish() else { return awaitRoom(true) }
    deadline?.cancel()
    if hasReceivedAll { return end(.peer) }
    state = .lingering
    updateReading()
    startDeadline(Self.lingerMillisecondsMax, .requested)
  }

  private func startDeadline(_ milliseconds: Int, _ reason: CloseReason) {
    deadline = loop.after(milliseconds: milliseconds) { [weak self] in self?.end(reason) }
  }

  /// Closes the descriptor now; the delegate hears of it at the end of the turn.
  func end(_ reason: CloseReason) {
    guard state != .closed else { return }
    state = .closed
    deadline?.cancel()
    deadline = nil
    reader?.free()
    reader = nil
    writer?.free()
    writer = nil
    output = []
    outputHead = 0
    join(nil)
    stream.close()
    loop.connections[id] = nil
    loop.ended.append((self, reason))
  }

  func tellEnd(_ reason: CloseReason) {
    delegate?.connectionClosed(self, reason: reason)
    delegate = nil
    onEnd()
  }
}
