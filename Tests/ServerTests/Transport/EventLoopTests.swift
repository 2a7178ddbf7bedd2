import Glibc
import Server
import Testing

struct EventLoopTests {
  private func withLoops<Result>(
    _ count: Int, _ body: ([EventLoop]) async throws -> Result
  ) async throws -> Result {
    let loops = (0..<count).map { EventLoop(index: $0) }
    for loop in loops { loop.start() }
    defer { for loop in loops { loop.stop() } }
    return try await body(loops)
  }

  @Test func `an actor runs on its loop's thread`() async throws {
    try await withLoops(1) { loops in
      let counter = CounterActor(loop: loops[0])
      for expected in 1...100 { #expect(await counter.next() == expected) }
      #expect(await counter.strays == 0)
    }
  }

  @Test func `many callers on two loops lose no call and never meet`() async throws {
    try await withLoops(2) { loops in
      let counters = loops.map { CounterActor(loop: $0) }
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<200 {
          group.addTask(executorPreference: loops[index % 2]) {
            for step in 0..<50 { _ = await counters[(index + step) % 2].next() }
          }
        }
      }
      // 200 × 50 calls, half of them to each; the count is no atomic, so a race would lose some.
      for counter in counters {
        #expect(await counter.next() == 5001)
        #expect(await counter.strays == 0)
      }
    }
  }

  @Test func `the loop knows its own thread`() async throws {
    try await withLoops(2) { loops in
      #expect(!loops[0].isOnThread)
      #expect(loops[0].isIsolatingCurrentContext() == false)
      #expect(on(loops[0]) { loops[0].isIsolatingCurrentContext() } == true)
      #expect(on(loops[0]) { loops[1].isIsolatingCurrentContext() } == false)
      // A callback that is no job may enter an actor of its loop without a hop.
      let counter = CounterActor(loop: loops[0])
      #expect(on(loops[0]) { counter.assumeIsolated { $0.next() } } == 1)
    }
  }

  @Test func `a callback on the wrong thread may not enter an actor`() async {
    await #expect(processExitsWith: .failure) {
      let loop = EventLoop(index: 0)
      loop.start()
      let counter = CounterActor(loop: loop)
      func enter() { _ = counter.assumeIsolated { $0.next() } }
      enter()
    }
  }

  @Test func `work sent to a busy loop wakes it once`() async throws {
    try await withLoops(1) { loops in
      let loop = loops[0]
      let ran = Shared(0)
      loop.perform { usleep(50_000) }
      usleep(10_000)
      let before = loop.wakeUps
      for _ in 0..<10_000 { loop.perform { ran.change { $0 += 1 } } }
      #expect(loop.wakeUps - before <= 1)
      #expect(eventually { ran.value == 10_000 })
    }
  }

  @Test func `what one thread sends runs in order`() async throws {
    try await withLoops(1) { loops in
      let seen = Shared<[Int]>([])
      for number in 0..<1000 { loops[0].perform { seen.change { $0.append(number) } } }
      #expect(eventually { seen.value.count == 1000 })
      #expect(seen.value == Array(0..<1000))
    }
  }

  @Test func `jobs that make jobs do not keep timers waiting`() async throws {
    try await withLoops(1) { loops in
      let isDone = Shared(false)
      let counter = CounterActor(loop: loops[0])
      let spinner = Task(executorPreference: loops[0]) {
        var rounds = 0
        while !isDone.value {
          rounds += 1
          await Task.yield()
        }
        return rounds
      }
      loops[0].after(milliseconds: 20) { isDone.change { $0 = true } }
      #expect(eventually { isDone.value })
      isDone.change { $0 = true }
      #expect(await spinner.value > 100)
      #expect(await counter.strays == 0)
    }
  }

  @Test func `a timer fires once, and no earlier`() async throws {
    try await withLoops(1) { loops in
      let fired = Shared<[ContinuousClock.Instant]>([])
      let start = ContinuousClock.now
      loops[0].after(milliseconds: 30) { fired.change { $0.append(.now) } }
      #expect(eventually { !fired.value.isEmpty })
      usleep(60_000)
      #expect(fired.value.count == 1)
      // The loop reads the system's coarse clock, which may be a tick of 4 ms behind.
      #expect(fired.value[0] - start >= .milliseconds(26))
    }
  }

  @Test func `a period repeats until it is cancelled, even from within`() async throws {
    try await withLoops(1) { loops in
      let fired = Shared(0)
      let timer = Shared<LoopTimer?>(nil)
      let made = loops[0].every(milliseconds: 5) {
        fired.change { $0 += 1 }
        if fired.value == 3 { timer.value?.cancel() }
      }
      timer.change { $0 = made }
      #expect(eventually { fired.value == 3 })
      usleep(30_000)
      #expect(fired.value == 3)
    }
  }

  @Test func `a cancelled timer does not fire`() async throws {
    try await withLoops(1) { loops in
      let fired = Shared(0)
      let timer = loops[0].after(milliseconds: 20) { fired.change { $0 += 1 } }
      timer.cancel()
      usleep(50_000)
      #expect(fired.value == 0)
    }
  }

  @Test func `what waits for the end of a turn is done once, after the turn's work`() {
    let loop = EventLoop(index: 0)
    let done = Shared<[String]>([])
    loop.atEndOfTurn { done.change { $0.append("end") } }
    loop.start()
    defer { loop.stop() }
    for turn in ["first", "second"] {
      loop.perform {
        loop.awaitEndOfTurn()
        loop.awaitEndOfTurn()
        done.change { $0.append(turn) }
      }
      #expect(eventually { done.value.last == "end" && done.value.contains(turn) })
    }
    #expect(done.value == ["first", "end", "second", "end"])
  }

  @Test func `a job that begins another is sent for before that other runs`() async throws {
    try await withLoops(1) { loops in
      let turns = Shared<[Int]>([])
      let loop = loops[0]
      loop.perform {
        Task(executorPreference: loop) {
          turns.change { $0.append(loop.statistics.turns) }
          Task(executorPreference: loop) { turns.change { $0.append(loop.statistics.turns) } }
        }
      }
      #expect(eventually { turns.value.count == 2 })
      #expect(turns.value[1] > turns.value[0])
    }
  }

  @Test func `stopping runs what is already there`() {
    let loop = EventLoop(index: 0)
    let ran = Shared(0)
    loop.start()
    for _ in 0..<1000 { loop.perform { ran.change { $0 += 1 } } }
    loop.stop()
    #expect(ran.value == 1000)
    loop.stop()
  }

  @Test func `a loop with nothing to do waits`() async throws {
    try await withLoops(1) { loops in
      let before = try #require(on(loops[0]) { loops[0].statistics.turns })
      usleep(100_000)
      let after = try #require(on(loops[0]) { loops[0].statistics.turns })
      #expect(after - before <= 4)
    }
  }
}
