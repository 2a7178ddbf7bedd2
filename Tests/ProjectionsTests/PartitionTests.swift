import Domain
import Projections
import Synchronization
import Testing

struct PartitionTests {
  /// Runs jobs one after another, and knows whether one is running.
  final class CountingExecutor: SerialExecutor {
    private struct State {
      var jobs: [UnownedJob] = []
      var isDraining = false
    }

    private let state = Mutex(State())

    /// Whether the caller is a job of this executor (where nothing else runs beside it).
    var isRunning: Bool { state.withLock { $0.isDraining } }

    func enqueue(_ job: consuming ExecutorJob) {
      let unowned = UnownedJob(job)
      let isFirst = state.withLock { state in
        state.jobs.append(unowned)
        defer { state.isDraining = true }
        return !state.isDraining
      }
      if isFirst { Task { drain() } }
    }

    private func drain() {
      while let job = next() { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    private func next() -> UnownedJob? {
      state.withLock { state in
        if state.jobs.isEmpty {
          state.isDraining = false
          return nil
        }
        return state.jobs.removeFirst()
      }
    }
  }

  @Test func `a partition folds, reads and freezes on the executor it is given`() async throws {
    var play = Play(seed: 111, peopleCount: 6)
    for _ in 0..<200 { play.step() }
    let executor = CountingExecutor()
    let partition = ProjectionPartition(
      models: ReadModels(shard: ShardIndex(0), of: 1), executor: executor)
    try await partition.fold(Array(play.records.prefix(100)))
    let frozen = await partition.freeze()
    try await partition.fold(Array(play.records.dropFirst(100)))
    let count = play.records.count
    #expect(frozen.position == Position(100))
    #expect(await partition.read { $0.position } == Position(UInt64(count)))
    #expect(await partition.read { _ in executor.isRunning })
    let late = play.records[5]
    await #expect(throws: ProjectionError.self) { try await partition.fold([late]) }
    #expect(await partition.read { $0.position } == Position(UInt64(count)))
  }
}
