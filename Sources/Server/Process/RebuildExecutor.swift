import Engine
import Entities

/// The thread on which one shard's projections are built anew: behind everybody else.
struct RebuildExecutor: ExecutorSource {
  let thread: ThreadExecutor

  init(shard: Int) { thread = ThreadExecutor(name: "rebuild \(shard)", niceness: 19) }

  func executor() -> any SerialExecutor & TaskExecutor { thread }
}
