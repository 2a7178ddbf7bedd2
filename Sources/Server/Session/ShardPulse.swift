import Domain
package import Entities
package import Journal
private import Synchronization

/// What a shard does when the journal has made more durable: releases the replies that waited, and,
/// when these are sent, folds what was committed.
package actor ShardPulse {
  private let executor: any SerialExecutor & TaskExecutor
  private nonisolated let isDue = Atomic<Bool>(false)
  private let journal: Journal
  private let shard: Shard
  private let gate: ReplyGate

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    journal: Journal, shard: Shard, gate: ReplyGate,
    executor: any SerialExecutor & TaskExecutor
  ) {
    self.journal = journal
    self.shard = shard
    self.gate = gate
    self.executor = executor
  }

  /// Called by the writer, on its thread, after each publication. Several in a row are one beat.
  ///
  /// The preference keeps the task off the global executor, where it would begin otherwise.
  package nonisolated func wake() {
    guard !isDue.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Task(executorPreference: executor) { await self.beat() }
  }

  private func beat() async {
    isDue.store(false, ordering: .releasing)
    await gate.publish(journal.durable)
    // A job of its own, which runs in the next turn: by then the clients have their replies.
    Task(executorPreference: executor) { await self.fold() }
  }

  private func fold() async {
    await shard.fold.advance()
    await shard.requests.forget(through: journal.durable)
  }
}
