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

  /// What comes between clients and server, and what a run can be without.
  package enum Disturbance: String, CaseIterable, Sendable {
    /// Power fails between any two steps.
    case crashes
    /// Commits, syncs and the writing of snapshots fail: EIO, ENOSPC.
    case faults
    /// Commits take their time, and queues are short.
    case slowness
    /// The clock jumps.
    case clock
    /// Connections are cut, half closed, and half open.
    case cuts
    /// What is sent arrives in pieces, and clients read when they like.
    case pieces
    /// Snapshots are taken while others go on.
    case snapshots
    /// Bytes of the journal turn over.
    case rot
    /// Durability by interval: what was answered may be lost.
    case lateSyncs = "late-syncs"
    /// Subscribers.
    case listeners
    /// More than one shard, and other numbers of them after a start.
    case shards
    /// Small blocks and transactions, and little in memory.
    case smallness
  }

  package struct Options: Sendable {
    package var seed: UInt64
    package var mode: Mode
    /// Commands of each client; in large runs, of all clients.
    package var calls: Int
    /// How many people take part in a large run.
    package var people: Int
    /// Another number is another order of the same calls.
    package var schedule: UInt64 = 0
    /// Calls that nobody makes, by number.
    package var without: Set<Int> = []
    /// What does not happen.
    package var calm: Set<Disturbance> = []
    /// Whether the report tells what happened.
    package var tells = false

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
    /// Connections that ended before their replies.
    package var cuts = 0
    /// Writes that the disk refused.
    package var faults = 0
    /// Commands that were answered BUSY.
    package var busy = 0
    /// Messages to subscribers.
    package var pushes = 0
    /// Numbers of all calls that there were to make, for `Options.without`.
    package var calls: [Int] = []
    package var violation: String?
    /// What happened, step by step; empty unless asked for.
    package var story: [String] = []
  }
}
