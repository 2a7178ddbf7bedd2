package import Domain
import Entities
import Journal

/// What comes to a session by itself.
extension Session {
  /// A message of a channel, to be sent when what it shows is durable; from any thread, and the
  /// caller does not wait. False if nobody listens any more. Whoever reads too slowly is ended: at
  /// the bound of the box, of what is held, or of the connection's output, whichever comes first. A
  /// stranger is told of a gap.
  package nonisolated func push(_ message: LiveMessage, after position: Position) -> Bool {
    switch pushes.put(message, after: position) {
    case .added(let isDue), .missed(let isDue):
      if isDue { Task(executorPreference: executor) { await self.sendPushes() } }
      return true
    case .full:
      Task(executorPreference: executor) { await self.kill() }
      return false
    case .closed:
      return false
    }
  }

  private func sendPushes() {
    holdPushes()
    flush(through: service.journal.durable)
  }

  /// Puts what was pushed in line behind the replies that are there.
  func holdPushes() {
    for item in pushes.take() {
      guard !isClosed, !isKilled else { return }
      guard connection.identity?.hasValidToken(in: service) ?? true,
        held.byteCount < Self.heldBytesInAllMax
      else { return kill() }
      held.append(item.message.bytes(pushFraming, connection.version), after: item.position)
    }
  }

  /// Returns when the client has fetched enough for more to be worth making, or is gone.
  func room() async {
    sendPushes()
    if hasRoom { return }
    await withCheckedContinuation { next in
      // Looked at again: there may be room by now, and then nobody else would say so.
      if hasRoom { next.resume() } else { waitingForRoom.append(next) }
    }
  }

  /// A stranger's has to be nearly empty, so that a message fits.
  private var hasRoom: Bool {
    if isClosed || isKilled { return true }
    guard connection.identity == nil else {
      return !output.isFull && held.byteCount < Self.heldBytesMax
    }
    return bytesBehindBox <= OutputBounds.stranger.low
  }

  private var bytesBehindBox: Int { held.byteCount + output.waitingBytes }

  /// What waits for a stranger counts for what may be pushed to them.
  func noteBehindBox() {
    guard connection.identity == nil, !connection.subscriptions.isEmpty,
      pushes.noteBehind(bytesBehindBox)
    else { return }
    Task(executorPreference: executor) { await self.sendPushes() }
  }

  func tellRoom() {
    guard !waitingForRoom.isEmpty, hasRoom else { return }
    let waiting = waitingForRoom
    waitingForRoom = []
    for next in waiting { next.resume() }
  }

  /// No more is put in.
  func endPushes() {
    pushes.close()
    tellRoom()
  }
}
