internal import Domain
internal import Synchronization

/// The newest committed records, decoded, for those who follow closely. Bounded by events; older
/// batches fall out whole.
final class JournalTail: Sendable {
  private struct State {
    var batches: [[Record]] = []
    /// Batches before this index have fallen out and wait to be removed together.
    var start = 0
    var events = 0
  }

  private let eventsMax: Int
  private let state = Mutex(State())

  init(eventsMax: Int) { self.eventsMax = eventsMax }

  /// Takes the next committed records: dense, after all before.
  func append(_ records: [Record]) {
    guard !records.isEmpty else { return }
    // Let go of outside of the lock, for readers need not wait for that.
    var fallen: [[Record]] = []
    state.withLock { state in
      state.batches.append(records)
      state.events += records.count
      while state.events > eventsMax, state.start < state.batches.count - 1 {
        state.events -= state.batches[state.start].count
        fallen.append(state.batches[state.start])
        state.batches[state.start] = []
        state.start += 1
      }
      if state.start > 1_024, state.start > state.batches.count / 2 {
        state.batches.removeFirst(state.start)
        state.start = 0
      }
    }
  }

  /// Records of one batch that follow a position; nil if they have fallen out or are to come.
  func records(after position: Position) -> ArraySlice<Record>? {
    let next = position.next
    let batch: [Record]? = state.withLock { state in
      var low = state.start
      var high = state.batches.count
      guard low < high, state.batches[low][0].position <= next else { return nil }
      while high - low > 1 {
        let middle = (low + high) / 2
        if state.batches[middle][0].position <= next { low = middle } else { high = middle }
      }
      return state.batches[low]
    }
    guard let batch, let last = batch.last, next <= last.position else { return nil }
    return batch[Int(next.raw - batch[0].position.raw)...]
  }
}
