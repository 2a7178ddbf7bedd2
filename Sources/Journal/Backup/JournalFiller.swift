package import Domain
internal import Synchronization

/// Writes events that no command decided into a new journal, as fast as blocks can be made: for
/// benchmarks, which need whole networks in a minute.
///
/// Gives positions out, seals and links as a `Journal` does; that the events are what the state
/// machines would have written is the caller's to see to. One thread encodes, the caller's; a
/// second one hashes the tree and writes. Holds some megabytes of blocks. Use from one thread.
package final class JournalFiller {
  /// In one run of blocks.
  private static let runEvents = 16_384

  private let random: any RandomSource
  private let handover = RunHandover()
  private let thread: WriterThread
  private var isFinished = false
  private var encoder: BlockEncoder
  private var run = BlockRun()
  private var waiting = 0
  private var last = Position.zero
  private var lastTime = Instant(ms: .min)

  /// In a directory that is there and empty.
  package init(directory: String, created: Instant, random: any RandomSource) {
    self.random = random
    encoder = Self.encoder(after: JournalFormat.genesisHash, random)
    thread = WriterThread { [handover] in
      handover.work { next throws(JournalError) in
        let builder = try JournalBuilder(directory: directory, created: created)
        while let run = next() { try run.append(to: builder) }
        try builder.finish()
      }
    }
  }

  /// What is not finished by then is of no use, but nobody writes it any more.
  deinit { if !isFinished { end() } }

  private static func encoder(
    after hash: [UInt8], _ random: any RandomSource
  ) -> BlockEncoder {
    BlockEncoder(
      previousHash: hash, blockBytesMax: JournalLimits().blockBytesMax, random: random)
  }

  /// Of the newest event.
  package var position: Position { last }

  /// Takes a person's key: people in ascending order, each once.
  package func add(_ user: UserID, key: [UInt8]) { run.keys.append((user, key)) }

  /// Takes the next event. `key` is the actor's, where there is a secret; times never go back.
  package func append(
    _ draft: Draft, of entity: EntityKey, sequence: UInt64, by actor: UserID, at time: Instant,
    key: [UInt8]? = nil
  ) throws(JournalError) {
    precondition(time >= lastTime, "times never go back")
    precondition((draft.secret == nil) == (key == nil), "text is sealed with a key")
    last = last.next
    lastTime = time
    let record = Record(
      position: last, time: time, actor: actor, entity: entity, sequence: sequence,
      event: draft.event, hasSecret: draft.secret != nil)
    encoder.append(record, secret: draft.secret, key: key, requestDigest: nil)
    waiting += 1
    if waiting >= Self.runEvents { try flush() }
  }

  /// Makes everything durable, and closes it.
  package func finish() throws(JournalError) {
    try flush()
    end()
    isFinished = true
    try handover.result?.get()
  }

  private func end() {
    handover.end()
    thread.join()
  }

  private func flush() throws(JournalError) {
    encoder.finish()
    run.blocks = encoder.finished
    run.time = lastTime
    try handover.put(run)
    encoder = Self.encoder(after: encoder.hash, random)
    run = BlockRun()
    waiting = 0
  }
}

/// Some blocks, and the keys that came with them.
private struct BlockRun: Sendable {
  var blocks: [Block] = []
  /// Of the newest event.
  var time = Instant(ms: .min)
  var keys: [(user: UserID, key: [UInt8])] = []

  func append(to builder: JournalBuilder) throws(JournalError) {
    for (user, key) in keys { try builder.add(user, .key(key)) }
    for block in blocks {
      try builder.append(block, endingAt: time, requests: [])
    }
  }
}

/// Takes runs of blocks from one thread to another.
private final class RunHandover: Sendable {
  /// On the way; whoever has more to give waits.
  private static let runsMax = 4

  private struct State {
    var runs: [BlockRun] = []
    /// Nothing more will come.
    var isOver = false
    /// Of the other thread's work; nil until that ends.
    var result: Result<Void, JournalError>?
  }

  private let state = Mutex(State())
  private let given = Bell()
  private let taken = Bell()

  var result: Result<Void, JournalError>? { state.withLock { $0.result } }

  // MARK: Giving

  /// Waits for room. Throws what the work has failed with.
  func put(_ run: BlockRun) throws(JournalError) {
    while true {
      try result?.get()
      let isPut = state.withLock { state in
        let hasRoom = state.runs.count < Self.runsMax
        if hasRoom { state.runs.append(run) }
        return hasRoom
      }
      if isPut { return given.ring() }
      taken.wait(ms: nil)
    }
  }

  func end() {
    state.withLock { $0.isOver = true }
    given.ring()
  }

  // MARK: Taking

  /// Does the work on the calling thread. It gets a function that waits for the next run; nil after
  /// the last.
  func work(_ body: (_ next: () -> BlockRun?) throws(JournalError) -> Void) {
    let result: Result<Void, JournalError>
    do throws(JournalError) {
      result = .success(try body(next))
    } catch {
      result = .failure(error)
    }
    state.withLock { $0.result = result }
    taken.ring()
  }

  private func next() -> BlockRun? {
    while true {
      let (run, isOver) = state.withLock { state in
        (state.runs.isEmpty ? nil : state.runs.removeFirst(), state.isOver)
      }
      if let run {
        taken.ring()
        return run
      }
      if isOver { return nil }
      given.wait(ms: nil)
    }
  }
}
