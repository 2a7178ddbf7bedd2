extension EventLoop {
  /// Runs `body` on the loop once, no earlier than that. From any thread.
  @discardableResult
  package func after(
    milliseconds: Int, _ body: @escaping @Sendable () -> Void
  ) -> LoopTimer {
    timer(milliseconds: milliseconds, repeats: false, body)
  }

  /// Runs `body` on the loop again and again until cancelled; turns missed are not made up for.
  /// From any thread.
  @discardableResult
  package func every(
    milliseconds: Int, _ body: @escaping @Sendable () -> Void
  ) -> LoopTimer {
    precondition(milliseconds > 0, "a period has a length")
    return timer(milliseconds: milliseconds, repeats: true, body)
  }

  private func timer(
    milliseconds: Int, repeats: Bool, _ body: @escaping @Sendable () -> Void
  ) -> LoopTimer {
    let timer = LoopTimer(self, milliseconds: max(0, milliseconds), repeats: repeats, body)
    if isOnThread {
      timer.arm()
    } else {
      perform { timer.arm() }
    }
    return timer
  }
}

/// Something the loop will do later. Kept by the loop until it is done or cancelled.
package final class LoopTimer: EventHandler, @unchecked Sendable {
  // All but the constants: on the loop's thread only.
  private unowned let loop: EventLoop
  private let milliseconds: Int
  private let repeats: Bool
  private var body: (@Sendable () -> Void)?
  private var source: EventSource?

  fileprivate init(
    _ loop: EventLoop, milliseconds: Int, repeats: Bool, _ body: @escaping @Sendable () -> Void
  ) {
    self.loop = loop
    self.milliseconds = milliseconds
    self.repeats = repeats
    self.body = body
  }

  /// From any thread; on the loop's own, `body` certainly does not run again.
  package func cancel() {
    if loop.isOnThread {
      disarm()
    } else {
      loop.perform { self.disarm() }
    }
  }

  fileprivate func arm() {
    guard body != nil else { return }
    let source = EventSource(loop.base, .timer(repeats: repeats), handler: self)
    source.add(afterMilliseconds: milliseconds)
    self.source = source
    loop.timers[ObjectIdentifier(self)] = self
  }

  private func disarm() {
    body = nil
    source?.free()
    source = nil
    loop.timers[ObjectIdentifier(self)] = nil
  }

  func eventFired(_ source: EventSource) {
    let body = self.body
    if !repeats { disarm() }
    body?()
  }
}
