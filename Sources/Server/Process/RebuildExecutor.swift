import Engine
import Entities

/// The thread on which one shard's projections are built anew: behind everybody else, once the
/// server has started; before, it helps to.
struct RebuildExecutor: ExecutorSource {
  let thread: ThreadExecutor

  init(shard: Int) { thread = ThreadExecutor(name: "rebuild \(shard)") }

  func executor() -> any SerialExecutor & TaskExecutor { thread }

  func giveWay() { thread.giveWay(by: 19) }
}
