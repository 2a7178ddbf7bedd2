package import Domain

/// The read models of one shard behind its executor: one copy, one position.
package actor ProjectionPartition {
  @usableFromInline var models: ReadModels
  package nonisolated let executor: any SerialExecutor

  /// `executor` is the shard's thread; under simulation, the partition's own.
  package init(models: ReadModels, executor: any SerialExecutor) {
    self.models = models
    self.executor = executor
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Folds committed records in order. After an error the caller ends the process: the models have
  /// stopped at the record before.
  package func fold(_ records: [Record]) throws(ProjectionError) {
    try models.fold(contentsOf: records)
  }

  /// Reads at one position. Passed `inout` because that alone spares a copy, which would retain
  /// some dozens of buffers; `body` changes nothing.
  @inlinable
  package func read<Value: Sendable>(
    _ body: @Sendable (inout ReadModels) -> Value
  ) -> Value {
    body(&models)
  }

  /// The state as of now, to be encoded elsewhere. Takes microseconds.
  package func freeze() -> ReadModels { models }

  /// Puts some projections of `candidate` in the place of its own. Returns what was there, with
  /// what it stands on, frozen; nil, with nothing changed, if both do not stand at one position.
  /// O(1).
  package func exchange(_ names: ProjectionSet, for candidate: ReadModels) -> ReadModels? {
    guard candidate.position == models.position else { return nil }
    let old = models.part(names)
    models.adopt(names, from: candidate)
    return old
  }
}
