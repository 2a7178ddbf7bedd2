internal import Engine
internal import Journal

/// What of a journal is checked before others in the background have their turn.
private let checkedAtOnceBytes = 32 << 20

extension Journal {
  /// Checks what opening left out, a piece at a time, so that nothing else in the background waits
  /// for long. Damage ends the process, as it would have kept it from starting. Nil if nothing was
  /// left out.
  func checkContent(
    on background: BackgroundExecutor, log: @escaping @Sendable (String) -> Void
  ) -> Task<Void, Never>? {
    guard let check = deferredCheck else { return nil }
    log("the journal is checked while it is served: \(check.end) events")
    return Task(executorPreference: background.thread) {
      var check = check
      do throws(JournalError) {
        while try check.step(bytes: checkedAtOnceBytes) {
          if Task.isCancelled { return }
          await Task.yield()
        }
        log("the journal is whole up to position \(check.end)")
      } catch {
        Journal.endProcess("\(error); the process ends, since what it serves is not whole")
      }
    }
  }
}
