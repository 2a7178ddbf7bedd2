extension EventLoop {
  /// Turns a stopping loop still gives to jobs that make new jobs.
  private static let turnsWhileStoppingMax = 1000

  var isIdle: Bool {
    jobs.isEmpty && bodies.isEmpty && unsent.isEmpty && ended.isEmpty && !isEndAwaited
      && waitingStrangers.isEmpty
  }

  func runTurn() {
    statistics.turns += 1
    runBodies()
    hearStrangers()
    runJobs()
    endTurn()
    sendOutputs()
    deliverEnds()
  }

  private func runBodies() {
    guard !bodies.isEmpty else { return }
    let batch = bodies.prefix(Self.bodiesPerTurnMax)
    bodies.removeFirst(batch.count)
    for body in batch { body() }
  }

  private func runJobs() {
    let serial = unsafe asUnownedSerialExecutor()
    let task = unsafe asUnownedTaskExecutor()
    // What these jobs enqueue comes in the next turn, when what they wrote is sent.
    let count = min(jobs.count, Self.jobsPerTurnMax)
    var ran = 0
    while ran < count, let job = jobs.popFirst() {
      unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: task)
      ran += 1
    }
    statistics.jobs += ran
  }

  /// One send for all that a connection has written in this turn.
  private func sendOutputs() {
    // Delegates may write while they are told of room: by index, for the array may grow.
    var index = 0
    while index < unsent.count {
      unsent[index].sendOutput()
      index += 1
    }
    unsent.removeAll(keepingCapacity: true)
  }

  /// After everything else, so that no delegate is told within a call of its own.
  private func deliverEnds() {
    guard !ended.isEmpty else { return }
    let batch = ended.prefix(Self.endsPerTurnMax)
    ended.removeFirst(batch.count)
    for (connection, reason) in batch { connection.tellEnd(reason) }
  }

  /// The last turns: what is there is run, sent once, and closed.
  func shutDown() {
    var turns = 0
    while !isIdle && turns < Self.turnsWhileStoppingMax {
      runTurn()
      turns += 1
    }
    for timer in timers.values { timer.cancel() }
    for connection in connections.values { connection.end(.shutdown) }
    repeat { runTurn() } while !ended.isEmpty
  }
}
