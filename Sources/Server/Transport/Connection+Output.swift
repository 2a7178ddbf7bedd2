extension Connection {
  /// Written and not yet taken by the system.
  package var outputBytes: Int { output.count - outputHead }

  /// Sends at the end of the turn, together with all else written in it. Dropped once the
  /// connection is closing. Past `bounds.max` the connection is closed.
  package func write(_ bytes: [UInt8]) {
    withOutput { $0.append(contentsOf: bytes) }
  }

  /// As `write`, without an array in between; `body` may only append.
  package func withOutput(_ body: (inout [UInt8]) -> Void) {
    loop.checkIsolated()
    guard state == .open else { return }
    if output.capacity == 0 { output = loop.takeSpareBuffer() }
    body(&output)
    if !isUnsent && !isAwaitingRoom {
      isUnsent = true
      loop.unsent.append(self)
    }
    if outputBytes > bounds.low { outputGrew() }
    if budget != nil { countOutput() }
  }

  private func outputGrew() {
    isAboveLow = true
    // Before a bound is enforced, the system may take what it can.
    if outputBytes > bounds.max && !isAwaitingRoom { sendSome() }
    if outputBytes > bounds.max { return end(.outputOverflow) }
    if outputBytes > bounds.high && !isHeldBack {
      isHeldBack = true
      updateReading()
    }
  }

  /// At the end of a turn in which something was written, or when there is room again.
  func sendOutput() {
    isUnsent = false
    resumeReceiving()
    guard state == .open || state == .flushing else { return }
    sendSome()
    if state == .flushing && outputBytes == 0 { return finishFlush() }
    if budget != nil { countOutput() }
    guard state == .open, isAboveLow, outputBytes <= bounds.low else { return }
    isAboveLow = false
    isHeldBack = false
    updateReading()
    delegate?.connectionDrained(self)
  }

  private func sendSome() {
    guard outputBytes > 0 else { return awaitRoom(false) }
    loop.statistics.sends += 1
    switch stream.send(output, from: outputHead, countMax: Self.sentBytesPerTurnMax) {
    case .moved(let count):
      outputHead += count
      releaseSent()
    case .blocked, .blockedByOutput:
      break
    case .ended:
      return end(.peer)
    case .failed(let error):
      return end(CloseReason(error))
    }
    awaitRoom(outputBytes > 0)
  }

  /// Counts what waits in the budget that the connection shares from now on, if any.
  package func join(_ budget: OutputBudget?) {
    self.budget?.change(by: -budgetedBytes)
    budgetedBytes = 0
    self.budget = budget
  }

  /// Where all together have too much waiting, it goes with those that have most: who is above the
  /// high mark has been given more than it reads.
  private func countOutput() {
    guard state != .closed, let budget, outputBytes != budgetedBytes else { return }
    let isWithin = budget.change(by: outputBytes - budgetedBytes)
    budgetedBytes = outputBytes
    guard !isWithin, outputBytes > bounds.high else { return }
    sendSome()
    if outputBytes > bounds.high { end(.outputOverflow) }
  }

  private func releaseSent() {
    if outputBytes == 0 {
      output.removeAll(keepingCapacity: true)
      loop.giveBack(output)
      output = []
      outputHead = 0
    } else if outputHead >= outputBytes {
      output.removeSubrange(..<outputHead)
      outputHead = 0
    }
  }

  func awaitRoom(_ wanted: Bool) {
    guard wanted != isAwaitingRoom else { return }
    isAwaitingRoom = wanted
    if wanted {
      let source = writer ?? EventSource(loop.base, .writable(stream.descriptor), handler: self)
      writer = source
      source.add()
    } else {
      writer?.remove()
    }
  }
}
