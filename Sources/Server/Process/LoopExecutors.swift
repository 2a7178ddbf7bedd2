import Entities

/// Gives all actors of a shard the shard's own thread.
package struct LoopExecutors: ExecutorSource {
  package let loop: EventLoop

  package init(_ loop: EventLoop) { self.loop = loop }

  package func executor() -> any SerialExecutor & TaskExecutor { loop }
}
