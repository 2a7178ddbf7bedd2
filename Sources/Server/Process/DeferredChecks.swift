internal import Engine
internal import Journal

/// Checks what a start left out, a piece at a time, so that nothing else in the background waits
/// for long: the snapshot first, for everything that is served may come from it. Damage ends the
/// process, as it would have kept it from starting, or from using the snapshot.
struct DeferredChecks: Sendable {
  /// What is checked before others in the background have their turn.
  private static let atOnceBytes = 32 << 20

  private let snapshot: Task<Void, Never>?
  private let journal: Task<Void, Never>?

  init(
    of engine: Engine, in store: SnapshotStore, on background: BackgroundExecutor,
    log: @escaping @Sendable (String) -> Void
  ) {
    var first: Task<Void, Never>?
    if let item = engine.uncheckedSnapshot {
      log("the snapshot at position \(item.position) is checked while it is served")
      first = Self.task(of: item, in: store, on: background, log: log)
    }
    snapshot = first
    guard let check = engine.journal.deferredCheck else {
      journal = nil
      return
    }
    log("the journal is checked while it is served: \(check.end) events")
    journal = Task(executorPreference: background.thread) { [first] in
      await first?.value
      await Self.finish(check, log: log)
    }
  }

  /// Returns once it is known that the snapshot is whole: before it is, nothing may be made of what
  /// came from it that a start would take for whole.
  func waitForSnapshot() async { await snapshot?.value }

  /// Gives up what is left of the journal.
  func end() async {
    journal?.cancel()
    await journal?.value
  }

  /// The file is opened at once: so it is the one that was read, whatever takes its name later.
  private static func task(
    of item: SnapshotStore.Item, in store: SnapshotStore, on background: BackgroundExecutor,
    log: @escaping @Sendable (String) -> Void
  ) -> Task<Void, Never> {
    do throws(JournalError) {
      let check = try SnapshotCheck(item.path)
      return Task(executorPreference: background.thread) {
        await finish(check, item, in: store, log: log)
      }
    } catch {
      endProcess(error, item, in: store)
    }
  }

  private static func finish(
    _ check: consuming SnapshotCheck, _ item: SnapshotStore.Item, in store: SnapshotStore,
    log: @Sendable (String) -> Void
  ) async {
    do throws(JournalError) {
      while try check.step(bytes: UInt64(atOnceBytes)) { await Task.yield() }
      log("the snapshot at position \(item.position) is whole")
    } catch {
      endProcess(error, item, in: store)
    }
  }

  /// What was written since is made of it, and goes with it.
  private static func endProcess(
    _ error: JournalError, _ item: SnapshotStore.Item, in store: SnapshotStore
  ) -> Never {
    var fate = "the next start looks again"
    if case .damaged = error {
      do throws(JournalError) {
        for other in try store.list() where other.position >= item.position {
          fate = "it is \(try store.setAside(other)) now, and the next start does without it"
        }
      } catch {
        fate = "remove it before the next start: \(error)"
      }
    }
    Journal.endProcess("\(error); the process ends, since what it serves is not whole; \(fate)")
  }

  private static func finish(_ check: DeferredCheck, log: @Sendable (String) -> Void) async {
    var check = check
    do throws(JournalError) {
      while try check.step(bytes: atOnceBytes) {
        if Task.isCancelled { return }
        await Task.yield()
      }
      log("the journal is whole up to position \(check.end)")
    } catch {
      Journal.endProcess("\(error); the process ends, since what it serves is not whole")
    }
  }
}
