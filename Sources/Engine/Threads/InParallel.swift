/// Runs a body for each element, each on the thread to which it leads, and waits for all. What runs
/// in parallel starts from the actor's thread, not from a global executor.
///
/// Runs `meanwhile` on the actor's own thread; what that throws is thrown before anything else.
func inParallel<Element: Sendable, Value: Sendable>(
  _ elements: [Element], on actor: isolated any Actor,
  _ body: @escaping @Sendable (Element) async throws -> Value,
  meanwhile: () throws -> Void = {}
) async throws -> [Value] {
  let tasks = elements.map { element in
    Task {
      // Begins here, on the actor's thread.
      _ = actor
      return try await body(element)
    }
  }
  // The thread takes its tasks in turn: when this one has been there, all others have begun, and
  // have gone where they lead. Otherwise they would wait until `meanwhile` is done.
  await Task { _ = actor }.value
  let own = Result { try meanwhile() }
  var values: [Result<Value, any Error>] = []
  for task in tasks { values.append(await task.result) }
  try own.get()
  return try values.map { try $0.get() }
}
