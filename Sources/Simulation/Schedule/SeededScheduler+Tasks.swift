import Synchronization

extension SeededScheduler {
  /// Starts a task on a lane of its own.
  func start(_ body: @escaping @Sendable () async -> Void) {
    let lane = makeLane()
    Task(executorPreference: lane) { await body() }
  }

  /// Runs a task to its end, and whatever chance puts between its steps.
  func finish<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let box = ResultBox<Value>()
    start {
      do {
        box.set(.success(try await body()))
      } catch {
        box.set(.failure(error))
      }
    }
    while box.result == nil {
      guard hasReady else { throw Violation("a task waits for what never comes") }
      runJob()
    }
    guard let result = box.result else { throw Violation("a task ends with a result") }
    return try result.get()
  }
}

private final class ResultBox<Value: Sendable>: Sendable {
  private let state = Mutex<Result<Value, any Error>?>(nil)

  func set(_ result: Result<Value, any Error>) { state.withLock { $0 = result } }
  var result: Result<Value, any Error>? { state.withLock { $0 } }
}

/// What must not happen, in a sentence.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
