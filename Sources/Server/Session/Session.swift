package import Domain
import Entities
import Journal
import Wire

/// One connection's conversation: requests in order, replies in order, each reply held until what
/// it shows is durable.
///
/// A write's reply waits; the requests behind it do not: so a pipeline of writes shares one sync.
package actor Session {
  /// Replies that may wait for different events; the next requests wait beyond that.
  package static let heldRepliesMax = 4_096
  /// Bytes of replies that may wait for the disk before the next requests wait.
  package static let heldBytesMax = 1 << 20
  /// The same for who has not logged in.
  package static let strangerHeldBytesMax = 8 << 10
  /// Beyond that, with what was pushed, the connection is ended.
  package static let heldBytesInAllMax = 8 << 20
  /// Requests of one pipeline that run before others get their turn.
  static let requestsPerTurnMax = 16
  /// The same for who has not logged in: hundreds of strangers with endless pipelines shall not
  /// make others wait for all of theirs.
  static let strangerRequestsPerTurnMax = 4

  nonisolated let executor: any SerialExecutor & TaskExecutor
  package nonisolated let id: UInt64
  let service: Service
  let output: any SessionOutput
  private let gate: ReplyGate
  var connection: ConnectionState
  private var parser: RequestParser
  var held = HeldReplies()
  nonisolated let pushes = PushBox()
  /// Who makes messages for this session and waits for it to have room.
  var waitingForRoom: [CheckedContinuation<Void, Never>] = []
  /// Whom this open connection makes present.
  private var presentAs: UserID?
  /// As the newest request was framed, so are pushed messages.
  private(set) var pushFraming = Framing.resp
  /// Whether `drain` is at work, or about to be.
  private var isDraining = false
  /// Whether everything received so far has been taken up.
  private var isStarved = true
  private var isWaitingForGate = false
  var isClosed = false
  var isKilled = false
  private var isFinishing = false
  /// Looks since the last answer; see `endIfForgotten`.
  private var looksInVain = 0

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    connection: ConnectionState, service: Service, gate: ReplyGate, output: any SessionOutput,
    executor: any SerialExecutor & TaskExecutor
  ) {
    id = connection.id
    self.connection = connection
    self.service = service
    self.gate = gate
    self.output = output
    self.executor = executor
    parser = RequestParser(limits: service.settings.unauthenticatedLimits)
  }

  /// Bytes from the client. Starts working on them unless that is going on already.
  package func receive(_ bytes: [UInt8]) {
    guard !isClosed, !isKilled, !connection.isClosing else { return }
    parser.append(bytes)
    isStarved = false
    if parser.bufferedBytes > parser.limits.bufferedBytesMax / 2 { output.setReading(false) }
    start()
  }

  /// The client sends no more but may still read: what it sent is answered, then closed.
  package func finish() {
    isFinishing = true
    flush(through: service.journal.durable)
  }

  /// The client has fetched what waited for it.
  package func drained() {
    noteBehindBox()
    tellRoom()
    start()
  }

  /// The client is gone: replies still held are dropped, what was decided stays.
  package func close() async {
    guard !isClosed else { return }
    isClosed = true
    endPushes()
    notePresence()
    service.sessions.remove(id)
    // A request under way may be subscribing still: then the end of `drain` leaves.
    if !isDraining { await leave() }
  }

  /// Sends what has become durable. Called by the gate.
  package func release(through durable: Position) {
    isWaitingForGate = false
    flush(through: durable)
    tellRoom()
    start()
  }

  /// For CLIENT LIST and CLIENT INFO.
  package func describe() -> ConnectionState { connection }

  /// Ends the connection from another one (CLIENT KILL, a revoked token, a new password).
  package func kill() {
    guard !isKilled else { return }
    isKilled = true
    endPushes()
    notePresence()
    output.finish()
  }

  /// Called from time to time: ends the connection of a stranger who has asked nothing, has not
  /// finished asking, or has not fetched the answer for `settings.strangerLooksMax` such calls. Who
  /// listens to a channel may be silent.
  package func endIfForgotten() {
    guard connection.identity == nil, connection.subscriptions.isEmpty, !isDraining,
      let looksMax = service.settings.strangerLooksMax
    else { return }
    looksInVain += 1
    if looksInVain > looksMax { kill() }
  }

  // MARK: Requests

  private var mayGoOn: Bool {
    !isClosed && !isKilled && !connection.isClosing && !output.isFull
      && held.byteCount < heldBytesMax && held.runCount < Self.heldRepliesMax
  }

  private var requestsPerTurnMax: Int {
    connection.identity == nil ? Self.strangerRequestsPerTurnMax : Self.requestsPerTurnMax
  }

  private var heldBytesMax: Int {
    connection.identity == nil ? Self.strangerHeldBytesMax : Self.heldBytesMax
  }

  private func start() {
    guard !isDraining, !isStarved, mayGoOn else { return }
    isDraining = true
    // Without the preference, a yield would go by way of the global executor, and every await
    // through the loop's queue: a loop runs its jobs as those of tasks that prefer it.
    Task(executorPreference: executor) { await self.drain() }
  }

  private func drain() async {
    var count = 0
    var clockReading: UInt64?
    while mayGoOn, let request = nextRequest() {
      clockReading = await answer(request, startedAt: clockReading)
      count += 1
      if count >= requestsPerTurnMax {
        count = 0
        flush(through: service.journal.durable)
        await Task.yield()
        clockReading = nil
      }
    }
    isDraining = false
    if isClosed { return await leave() }
    flush(through: service.journal.durable)
    if isStarved { output.setReading(true) }
    // What stopped the work may be over by now, and then nobody else would take it up.
    start()
  }

  /// Nil when more bytes are needed, and after an error of framing, which ends the connection.
  private func nextRequest() -> Request? {
    do {
      if let request = try parser.next() { return request }
    } catch {
      held.append(error.reply, framing: .resp, version: connection.version, after: .zero)
      connection.isClosing = true
    }
    isStarved = true
    return nil
  }

  /// Returns the reading of the monotonic clock at its end; nil if that is over.
  private func answer(_ request: Request, startedAt clockReading: UInt64?) async -> UInt64? {
    pushFraming = request.framing
    looksInVain = 0
    var invocation = Invocation(
      service: service, connection: connection, session: self, framing: request.framing,
      readPosition: max(service.journal.durable, connection.lastWrite))
    invocation.clockReading = clockReading
    let response = await service.table.execute(request, &invocation)
    if invocation.connection.identity != connection.identity {
      service.sessions.note(invocation.connection.identity, of: id)
      output.noteLogIn(invocation.connection.identity != nil)
      pushes.noteLogIn(invocation.connection.identity != nil)
    }
    let (afterReply, ended) = (invocation.afterReply, invocation.clockReading)
    connection = invocation.connection
    notePresence()
    // What was pushed before this answer comes before it, above all that to an UNSUBSCRIBE.
    holdPushes()
    parser.limits =
      connection.identity == nil
      ? service.settings.unauthenticatedLimits : service.settings.authenticatedLimits
    if let written = response.written { held.append(written, after: response.position) }
    response.forEachReply(framed: request.framing) { reply in
      held.append(
        reply, framing: request.framing, version: connection.version, after: response.position)
    }
    guard let afterReply else { return ended }
    await afterReply()
    return nil
  }

  private func notePresence() {
    let user = isClosed || isKilled ? nil : connection.identity?.user
    guard user != presentAs else { return }
    if let presentAs { service.presence.leave(presentAs, at: service.clock.now) }
    presentAs = user
    guard let user, service.presence.enter(user) else { return }
    Task(executorPreference: executor) { [live = service.live] in
      await live.tellPresence(of: [user])
    }
  }

  private func leave() async {
    let channels = connection.subscriptions
    connection.subscriptions = []
    await service.live.unsubscribe(self, from: channels)
  }

  // MARK: Replies

  func flush(through durable: Position) {
    guard !isClosed, !isKilled else { return }
    var durable = durable
    if Mutation.ackBeforeSync.isPlanted { durable = service.journal.enqueued }
    while true {
      if let bytes = held.take(through: durable) { output.send(bytes) }
      guard !held.isEmpty, !isWaitingForGate else { break }
      isWaitingForGate = true
      gate.wait(self)
      // What was published between the look and the call is not missed.
      guard service.journal.durable > durable else { break }
      durable = service.journal.durable
    }
    noteBehindBox()
    let isLast = connection.isClosing || (isFinishing && isStarved)
    if held.isEmpty, isLast, !isDraining { output.finish() }
  }
}
