internal import Glibc
internal import Synchronization

/// One thread that serves its connections and is, at the same time, the executor of the actors that
/// live on it.
///
/// A turn: take what other threads sent, run jobs (a bounded slice), send what was written, deliver
/// what was closed, then ask the system for events, waiting only if there is nothing to do. Work
/// from the own thread costs no lock and no wake-up; work from others is collected under a lock,
/// and only the first of it wakes a waiting loop.
///
/// Actors reach it through unowned references: whoever makes loops keeps them until the end.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  /// What other threads have asked for, done in a turn: new connections, above all.
  static let bodiesPerTurnMax = 4
  /// Delegates told in a turn that their connections have ended.
  static let endsPerTurnMax = 16
  /// Strangers who are listened to in a turn. One costs some ten microseconds, to hang up on too,
  /// and there may be thousands.
  package static let strangersPerTurnMax = 16
  /// Jobs run before connections get their turn again: a hundred of those that write take a
  /// millisecond with their sends, and that is how long who asks something meanwhile may wait.
  static let jobsPerTurnMax = 128
  /// Bytes one connection may deliver in a turn.
  package static let receivedBytesPerTurnMax = 64 << 10
  /// Emptied output buffers kept for the next writer, and how large each may be.
  private static let spareBuffersMax = 64
  private static let spareBufferBytesMax = 64 << 10

  package let index: Int
  private let name: String
  private let niceness: Int32

  // On the loop's thread only.
  let base = EventBase()
  let receiveBuffer = ReceiveBuffer(capacity: receivedBytesPerTurnMax)
  var jobs = WorkQueue<UnownedJob>()
  var bodies: [@Sendable () -> Void] = []
  /// Strangers with something to be received, beyond what the turns so far had room for; each is
  /// listened to in the order in which they came.
  var waitingStrangers = WorkQueue<Connection>(spentMax: 0)
  /// Strangers who were listened to since the turn began.
  private var strangersHeard = 0
  /// Those that have written in this turn.
  var unsent: [Connection] = []
  /// Those whose delegates are still to be told.
  var ended: [(connection: Connection, reason: CloseReason)] = []
  var timers: [ObjectIdentifier: LoopTimer] = [:]
  /// What is to be done once when the jobs of this turn are done, if anything.
  private var lastInTurn: (@Sendable () -> Void)?
  private(set) var isEndAwaited = false
  /// Those open, by id. On the loop's thread only.
  package internal(set) var connections: [UInt64: Connection] = [:]
  package internal(set) var statistics = Statistics()
  private var spareBuffers: [[UInt8]] = []
  /// Swapped with the inbox's, so that both keep their memory.
  private var incomingJobs: [UnownedJob] = []

  // From any thread.
  private let wakeUp = WakeUp()
  private let inbox = Mutex(Inbox())
  /// `pthread_self()` of the running loop; 0 before and after.
  private let thread = Atomic<UInt>(0)
  private let handle = Mutex<pthread_t?>(nil)

  private struct Inbox {
    var jobs: [UnownedJob] = []
    var bodies: [@Sendable () -> Void] = []
    /// The loop is, or is about to be, waiting; whoever clears this wakes it.
    var isWaiting = false
    var isStopping = false
    var wakeUps = 0
  }

  /// What the loop has done since its start.
  package struct Statistics: Sendable {
    package var turns = 0
    package var jobs = 0
    package var receives = 0
    package var sends = 0
  }

  /// A shard's loop; or one that is named for what else it does.
  ///
  /// - Parameter niceness: lowers the thread's claim on the processors: 0 is as any other, 19 takes
  ///   what is left.
  package init(index: Int, named name: String? = nil, niceness: Int32 = 0) {
    self.index = index
    self.name = name ?? "shard-\(index)"
    self.niceness = niceness
    ignoreBrokenPipes()
  }

  deinit {
    base.free()
  }

  // MARK: Executor

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnThread {
      jobs.append(job)
    } else {
      post { $0.jobs.append(job) }
    }
  }

  package func checkIsolated() {
    precondition(isOnThread, "not on the thread of event loop \(index)")
  }

  package func isIsolatingCurrentContext() -> Bool? { isOnThread }

  /// Whether the caller runs on this loop's thread, and so alone with all that belongs to it.
  package var isOnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Runs `body` on the loop, in its next turn; in the order of such calls from one thread, but
  /// not in order with jobs.
  package func perform(_ body: @escaping @Sendable () -> Void) {
    if isOnThread {
      bodies.append(body)
    } else {
      post { $0.bodies.append(body) }
    }
  }

  /// Sets what `awaitEndOfTurn` asks for. Before the loop starts.
  package func atEndOfTurn(_ body: @escaping @Sendable () -> Void) { lastInTurn = body }

  /// Has that done once at the end of this turn. On the loop's thread.
  package func awaitEndOfTurn() { isEndAwaited = true }

  /// Whether a stranger may be listened to right away; else the connection has to wait in line.
  func hasTurnForStranger() -> Bool {
    guard waitingStrangers.isEmpty, strangersHeard < Self.strangersPerTurnMax else { return false }
    strangersHeard += 1
    return true
  }

  /// Begins to count anew, with those who have waited.
  func hearStrangers() {
    strangersHeard = 0
    while strangersHeard < Self.strangersPerTurnMax, let next = waitingStrangers.popFirst() {
      if next.takeTurn() { strangersHeard += 1 }
    }
  }

  func endTurn() {
    guard isEndAwaited else { return }
    isEndAwaited = false
    lastInTurn?()
  }

  /// How often another thread had to end this loop's wait.
  package var wakeUps: Int { inbox.withLock { $0.wakeUps } }

  private func post(_ add: (inout Inbox) -> Void) {
    let wasWaiting = inbox.withLock { inbox in
      add(&inbox)
      defer { inbox.isWaiting = false }
      if inbox.isWaiting { inbox.wakeUps += 1 }
      return inbox.isWaiting
    }
    if wasWaiting { wakeUp.signal() }
  }

  // MARK: Life

  /// Starts the thread. Once.
  package func start() {
    let started = handle.withLock { handle in
      precondition(handle == nil, "event loop \(index) was started twice")
      handle = startThread(named: name, niceness: niceness) { self.run() }
      return handle != nil
    }
    precondition(started, "the system has no thread for event loop \(index)")
  }

  /// Closes what is open, runs the jobs that are there, ends the thread and waits for its end. Jobs
  /// enqueued later never run. Not from the loop's own thread.
  package func stop() {
    precondition(!isOnThread, "an event loop cannot wait for itself")
    let running = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    guard let running else { return }
    post { $0.isStopping = true }
    _ = pthread_join(running, nil)
  }

  private func run() {
    if niceness == 0 { takeShortTurns() }
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    let wakeUpSource = EventSource(base, .readableEdge(wakeUp.descriptor), handler: wakeUp)
    wakeUpSource.add()
    while !takeInbox() {
      runTurn()
      base.poll(waiting: shouldWait())
    }
    shutDown()
    wakeUpSource.free()
    thread.store(0, ordering: .relaxed)
  }

  /// Takes what other threads sent; true if the loop is to stop.
  private func takeInbox() -> Bool {
    let isStopping = inbox.withLock { inbox in
      inbox.isWaiting = false
      swap(&inbox.jobs, &incomingJobs)
      if !inbox.bodies.isEmpty {
        bodies.append(contentsOf: inbox.bodies)
        inbox.bodies.removeAll(keepingCapacity: true)
      }
      return inbox.isStopping
    }
    if !incomingJobs.isEmpty {
      jobs.append(contentsOf: incomingJobs)
      incomingJobs.removeAll(keepingCapacity: true)
    }
    return isStopping
  }

  private func shouldWait() -> Bool {
    guard isIdle else { return false }
    return inbox.withLock { inbox in
      inbox.isWaiting = inbox.jobs.isEmpty && inbox.bodies.isEmpty && !inbox.isStopping
      return inbox.isWaiting
    }
  }

  // MARK: Buffers

  func takeSpareBuffer() -> [UInt8] {
    spareBuffers.popLast() ?? []
  }

  /// Keeps an emptied buffer if it is worth it.
  func giveBack(_ buffer: consuming [UInt8]) {
    guard spareBuffers.count < Self.spareBuffersMax, buffer.capacity <= Self.spareBufferBytesMax
    else { return }
    spareBuffers.append(buffer)
  }
}
