/// What is run, and what came of it.
extension Simulation {
  package enum Mode: String, CaseIterable, Sendable {
    /// One command at a time; every reply compared with the model's.
    case sequential
    /// Many clients with pipelines, crashes in between; replies judged by what can have been.
    case concurrent
    /// As sequential, with many people and long runs, snapshots, restarts and rebuilds in between.
    case large
  }

  package struct Options: Sendable {
    package var seed: UInt64
    package var mode: Mode
    /// Commands of each client; in large runs, of all clients.
    package var calls: Int
    /// How many people take part in a large run.
    package var people: Int

    package init(seed: UInt64, mode: Mode? = nil, calls: Int? = nil, people: Int? = nil) {
      self.seed = seed
      self.mode = mode ?? (seed % 4 == 0 ? .sequential : .concurrent)
      self.people = people ?? 200
      let callsByMode =
        switch self.mode {
        case .sequential: 150
        case .concurrent: 30
        case .large: 5_000
        }
      self.calls = calls ?? callsByMode
    }
  }

  package struct Report: Sendable {
    package var seed: UInt64
    package var trace: Trace
    package var events: UInt64 = 0
    package var replies = 0
    package var crashes = 0
    /// Commands carried out, and readings compared with the model's, whole lists counted once.
    package var operations = 0
    package var comparisons = 0
    package var restarts = 0
    package var snapshots = 0
    package var rebuilds = 0
    package var violation: String?
  }
}
