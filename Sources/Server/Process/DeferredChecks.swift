internal import Engine
internal import Journal

/// What of a journal or a snapshot is checked before others in the background have their turn.
private let checkedAtOnceBytes = 32 << 20

extension Engine {
  /// Checks what the start left out, a piece at a time, so that nothing else in the background
  /// waits for long: the snapshot first, for everything that is served may come from it. Damage
  /// ends the process, as it would have kept it from starting, or from using the snapshot. Nil if
  /// nothing was left out.
  func checkWhatIsLeft(
    in store: SnapshotStore, on background: BackgroundExecutor,
    log: @escaping @Sendable (String) -> Void
  ) -> Task<Void, Never>? {
    let (check, snapshot) = (journal.deferredCheck, uncheckedSnapshot)
    guard check != nil || snapshot != nil else { return nil }
    if let snapshot {
      log("the snapshot at position \(snapshot.position) is checked while it is served")
    }
    if let check { log("the journal is checked while it is served: \(check.end) events") }
    return Task(executorPreference: background.thread) {
      if let snapshot { await finish(snapshot, in: store, log: log) }
      if let check { await finish(check, log: log) }
    }
  }
}

private func finish(
  _ item: SnapshotStore.Item, in store: SnapshotStore, log: @Sendable (String) -> Void
) async {
  do throws(JournalError) {
    var check = try SnapshotCheck(item.path)
    while try check.step(bytes: UInt64(checkedAtOnceBytes)) {
      if Task.isCancelled { return }
      await Task.yield()
    }
    log("the snapshot at position \(item.position) is whole")
  } catch {
    // Where a newer one came, this one may have been removed before its turn.
    guard case .damaged = error else {
      return log("the snapshot at position \(item.position) cannot be checked: \(error)")
    }
    let aside = try? store.setAside(item)
    Journal.endProcess(
      "\(error); the process ends, since what it serves is not whole; the snapshot is "
        + (aside.map { "\($0) now, and" } ?? "to be removed before") + " the next start"
        + (aside == nil ? "" : " does without it"))
  }
}

private func finish(_ check: DeferredCheck, log: @Sendable (String) -> Void) async {
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
