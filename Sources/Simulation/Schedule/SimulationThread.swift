import Glibc
import Synchronization

/// A thread of its own for one simulation, on which every job runs.
///
/// While it works, what any code on it would send to the global executor goes to the scheduler
/// instead and is counted; other threads of the process do not notice.
enum SimulationThread {
  /// Runs `body` on a new thread and waits for it.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
    let result = Mutex<Value?>(nil)
    GlobalExecutorHook.install()
    withoutActuallyEscaping(body) { body in
      let box = ThreadBody { result.withLock { $0 = body() } }
      var thread = pthread_t()
      let argument = unsafe Unmanaged.passRetained(box).toOpaque()
      let code = unsafe pthread_create(
        &thread, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, argument)
      precondition(code == 0, "a thread can be made")
      pthread_join(thread, nil)
    }
    guard let value = result.withLock({ $0 }) else {
      preconditionFailure("a simulation ends with a result")
    }
    return value
  }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Catches jobs on their way to the global executor, through the runtime's own hook.
enum GlobalExecutorHook {
  private typealias Original = @convention(thin) (UnownedJob) -> Void
  private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

  private struct Registration: Sendable {
    var thread: UInt
    var scheduler: SeededScheduler
  }

  private static let registrations = Mutex<[Registration]>([])
  private static let installed: Void = {
    guard let symbol = unsafe dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
      preconditionFailure("the runtime has a hook for the global executor")
    }
    let hook: Hook = { job, original in
      if let scheduler = GlobalExecutorHook.schedulerOfThisThread {
        scheduler.adopt(job)
      } else {
        original(job)
      }
    }
    unsafe symbol.assumingMemoryBound(to: Hook?.self).pointee = hook
  }()

  static func install() { _ = installed }

  private static var schedulerOfThisThread: SeededScheduler? {
    let thread = UInt(pthread_self())
    return registrations.withLock { list in list.first { $0.thread == thread }?.scheduler }
  }

  /// From now on this thread's escaping jobs go to the scheduler; until `body` returns.
  static func redirect<Value>(to scheduler: SeededScheduler, _ body: () -> Value) -> Value {
    let thread = UInt(pthread_self())
    registrations.withLock { $0.append(Registration(thread: thread, scheduler: scheduler)) }
    defer { registrations.withLock { $0.removeAll { $0.thread == thread } } }
    return body()
  }
}
