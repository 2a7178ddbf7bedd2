import Entities
import Journal

/// What outlives a crash: the disk's content, the keys, the clock, and how the server is started.
struct Machine {
  var disk: MemoryDisk
  let keys = MemoryKeyStore()
  let clock: VirtualClock
  let random: SeededRandom
  let durability: Durability
  let limits: JournalLimits
  let shardCounts: [Int]
  var shards: Int
  /// Nil: every start folds the whole journal.
  var snapshots: SnapshotStore?
  /// With what snapshots are written.
  private(set) var files: TearingFiles?

  init(_ random: inout SeededGenerator, _ options: Simulation.Options, startMs: Int64) {
    shardCounts = options.calm.contains(.shards) ? [1] : [1, 2, 4]
    shards = random.pick(shardCounts)
    limits = Simulation.limits(&random, options)
    let isLate =
      random.chance(25) && options.mode == .concurrent && !options.calm.contains(.lateSyncs)
    durability = isLate ? .interval(ms: 1_000) : .always
    disk = MemoryDisk(
      isSyncedLater: durability != .always || Mutation.commitUnsynced.isPlanted)
    clock = VirtualClock(ms: startMs)
    self.random = SeededRandom(seed: options.seed)
  }

  /// From now on snapshots can be taken.
  mutating func makeSnapshots() throws {
    let directory = try Files.makeTemporaryDirectory()
    let attic = directory + "/attic"
    Files.makeDirectory(attic)
    let files = TearingFiles(attic: attic)
    self.files = files
    snapshots = try SnapshotStore(directory: directory, files: files)
  }

  func removeFiles() {
    guard let snapshots else { return }
    let rebuilds = RebuildStore(directory: snapshots.data).directory
    for directory in [snapshots.directory, rebuilds, snapshots.data + "/attic", snapshots.data] {
      Files.removeDirectory(directory)
    }
  }
}
