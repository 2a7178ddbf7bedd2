import Engine
import Entities

/// The thread for snapshots, digests, exports and the destruction of keys: it takes the processor
/// time that is left, once the server has started.
struct BackgroundExecutor: ExecutorSource {
  let thread = ThreadExecutor(name: "background")

  func executor() -> any SerialExecutor & TaskExecutor { thread }

  func giveWay() { thread.giveWay(by: 10) }
}
