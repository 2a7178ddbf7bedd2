import Journal

extension Simulation {
  /// How likely each kind of step is; drawn anew for each seed, so that some runs have slow disks,
  /// some slow networks, some many crashes.
  struct Weights {
    var job: Int
    var commit: Int
    var network: Int
    var send: Int
    var tick: Int
    /// Of the ends of connections, in ten thousand steps.
    var cut: Int
    /// Of syncs, where they come later than commits.
    var sync: Int
    /// Of the beginnings of snapshots, in ten thousand steps.
    var snapshot: Int
    /// How many commits in a hundred take their time.
    var slowCommits: Int
    /// In ten thousand steps, after which a crash is due.
    var crashesMax: Int
    /// How many commits in a thousand fail.
    var faults: Int

    init(_ random: inout SeededGenerator, _ options: Options) {
      func unless(_ disturbance: Disturbance, _ value: Int, or other: Int = 0) -> Int {
        options.calm.contains(disturbance) ? other : value
      }
      job = random.pick([20, 60, 200])
      commit = random.pick([1, 5, 30])
      network = random.pick([5, 20])
      send = random.pick([5, 20])
      tick = unless(.clock, random.pick([0, 1, 3]))
      cut = unless(.cuts, random.pick([0, 0, 3, 20]))
      sync = random.pick([1, 5])
      snapshot = unless(.snapshots, random.pick([0, 0, 30, 120]))
      slowCommits = unless(.slowness, random.pick([0, 0, 20, 80]))
      crashesMax = unless(.crashes, random.pick([0, 1, 3]))
      faults = unless(.faults, random.pick([0, 20, 60]))
    }
  }

  /// A queue of more events is never full in a short run.
  static let shortQueueMax = 100
  /// A command that is refused more often is never carried out.
  static let refusalsBusyMax = 200

  /// What of a server's bounds each seed has otherwise: so that short runs meet them.
  static func limits(_ random: inout SeededGenerator, _ options: Options) -> JournalLimits {
    var limits = JournalLimits()
    let isSmall = options.mode == .concurrent && random.chance(50)
    let eventsMax = random.pick([8, 16, 64])
    let blockBytes = random.pick([256, 600, 4_096])
    let tail = random.pick([0, 2, 16])
    let queue = random.pick([6, 12, 65_536])
    if isSmall, !options.calm.contains(.smallness) {
      limits.transactionEventsMax = eventsMax
      limits.blockBytesMax = blockBytes
      limits.tailEventsMax = tail
      limits.requestsPurgedMax = 2
    }
    if isSmall, !options.calm.contains(.slowness) { limits.queuedEventsMax = queue }
    return limits
  }
}
