// Threads and one counter. `race`: nothing between them, which the thread sanitizer has to report.
// The others are what the server is made of, which it has to understand: `mutex` (a lock that is
// fought for), `atomic` (an order by release and acquire), `task` (an actor with many callers),
// `copy` (an array whose copies are read while it is changed: then it is another one).
import Glibc
import Synchronization

final class Counter: @unchecked Sendable {
  nonisolated(unsafe) var value = 0
  let lock = Mutex(())
  let isReady = Atomic(false)
}

actor Adder {
  var value = 0
  func add() { value += 1 }
}

let counter = Counter()
let numbers = Mutex([Int](repeating: 0, count: 64))
let rounds = 20_000

final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs all at once, each on a thread, and waits for them.
func together(_ bodies: [@Sendable () -> Void]) {
  let threads = bodies.map { body in
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(result == 0, "there is no thread")
    return thread
  }
  for thread in threads { _ = pthread_join(thread, nil) }
}

switch CommandLine.arguments.last {
case "race":
  let add: @Sendable () -> Void = { for _ in 0..<rounds { counter.value += 1 } }
  together([add, add])
case "mutex":
  let add: @Sendable () -> Void = {
    for _ in 0..<rounds { counter.lock.withLock { _ in counter.value += 1 } }
  }
  together([add, add, add, add])
  precondition(counter.value == 4 * rounds, "the lock does not hold")
case "atomic":
  together([
    {
      counter.value = 1
      counter.isReady.store(true, ordering: .releasing)
    },
    {
      while !counter.isReady.load(ordering: .acquiring) { sched_yield() }
      precondition(counter.value == 1, "the order does not hold")
    },
  ])
case "copy":
  let read: @Sendable () -> Void = {
    for _ in 0..<200 {
      let largest = numbers.withLock { $0 }.max() ?? 0
      precondition(largest >= 0, "what was copied has changed")
      // No lock that would order what comes.
      usleep(200)
    }
    counter.isReady.store(true, ordering: .releasing)
  }
  let write: @Sendable () -> Void = {
    while !counter.isReady.load(ordering: .acquiring) {
      numbers.withLock { $0[$0.count / 2] += 1 }
      sched_yield()
    }
  }
  together([read, write])
case "task":
  let adder = Adder()
  await withTaskGroup { group in
    for _ in 0..<4 {
      group.addTask { for _ in 0..<rounds { await adder.add() } }
    }
  }
  let sum = await adder.value
  precondition(sum == 4 * rounds, "the actor does not hold")
default:
  fatalError("say race, mutex, atomic, copy or task")
}
