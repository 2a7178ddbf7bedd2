internal import Domain
internal import Journal
internal import Projections

/// Folds version 2 of some shards' projections, on a thread of its own.
actor RebuildWorker {
  /// Records folded between two looks at whether to go on.
  static let sliceRecordsMax = 4_096

  private let executor: any SerialExecutor
  private let journal: Journal
  private var models: [ReadModels] = []
  private var cursor: JournalCursor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// The models stand at one position.
  init(_ models: [ReadModels], of journal: Journal, executor: any SerialExecutor) {
    self.models = models
    self.journal = journal
    self.executor = executor
    cursor = journal.cursor(after: models[0].position)
  }

  /// Folds up to exactly `position`, which is durable.
  func fold(through position: Position) throws(RebuildError) {
    while cursor.position < position {
      let missing = position.raw - cursor.position.raw
      let records: [Record]
      do throws(JournalError) {
        records = try cursor.next(max: Int(min(missing, UInt64(Self.sliceRecordsMax))))
      } catch {
        throw .journal(error)
      }
      guard !records.isEmpty else { throw .tooFarBehind }
      do throws(ProjectionError) {
        for index in models.indices { try models[index].fold(contentsOf: records) }
      } catch {
        throw .fold(.projection(error))
      }
    }
  }

  /// Copies of the models, to be written or compared elsewhere.
  func freeze() -> [ReadModels] { models }

  /// Lets go of the models.
  func release() { models = [] }

  /// Compares with what serves, shard by shard, at the same position.
  func compare(_ names: ProjectionSet, with live: [ReadModels]) -> [ProjectionComparison] {
    var sums = names.names.map { ProjectionComparison($0) }
    for own in models {
      guard let other = live.first(where: { $0.shard == own.shard }) else { continue }
      for index in sums.indices { sums[index].add(other, own) }
    }
    return sums
  }

  func numbersPeople(as live: [ReadModels]) -> Bool {
    models.allSatisfy { own in
      live.first { $0.shard == own.shard }.map { own.numbersPeople(as: $0) } ?? false
    }
  }
}
