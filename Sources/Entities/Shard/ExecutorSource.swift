/// Gives each actor of a shard its executor.
///
/// In production all of a shard's actors share its thread, so that calls between them skip the hop.
/// Under simulation each gets an executor of its own over one seeded queue, so that every
/// interleaving that `await` permits is explored.
package protocol ExecutorSource: Sendable {
  /// The source keeps the executor alive for as long as it lives itself.
  func executor() -> any SerialExecutor & TaskExecutor
}
