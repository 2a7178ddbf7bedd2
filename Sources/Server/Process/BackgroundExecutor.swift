import Engine
import Entities

/// The thread for snapshots, digests, exports and the destruction of keys: it takes the processor
/// time that is left.
struct BackgroundExecutor: ExecutorSource {
  let thread = ThreadExecutor(name: "background", niceness: 10)

  func executor() -> any SerialExecutor & TaskExecutor { thread }
}
