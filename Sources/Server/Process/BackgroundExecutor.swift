import Engine
import Entities

/// The thread for snapshots and digests: it takes the processor time that is left.
struct BackgroundExecutor: ExecutorSource {
  let thread = ThreadExecutor(name: "background", niceness: 10)

  func executor() -> any SerialExecutor & TaskExecutor { thread }
}
