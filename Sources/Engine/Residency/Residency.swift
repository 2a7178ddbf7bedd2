package import Entities
private import Synchronization

/// Keeps the entities in memory within a budget: those that nobody asked for lately sleep in the
/// newest snapshot, until somebody does.
///
/// What has changed since that snapshot stays; so the budget holds but for what is written between
/// two snapshots.
package actor Residency {
  /// What the entities in memory take and how often one had to wake.
  package struct Status: Equatable, Sendable {
    package var usage = IndexUsage()
    /// About what those awake take, as of the last look.
    package var awakeBytes = 0
    /// How often all that are awake were looked at.
    package var looks = 0
  }

  /// Looks in a row before those that have changed are left to the next snapshot. Each makes
  /// everybody half as warm.
  private static let looksMax = 4
  private static let restFactor = 20

  private nonisolated let walkers: [EntityWalker]
  private nonisolated let measured = Mutex(AwakeWeight())
  private nonisolated let looks = Atomic<Int>(0)
  /// Since when a look would find the same: nobody who could go was left.
  private var exhausted: Exhaustion?
  private let executor: any SerialExecutor
  private var isLooking = false
  private var rested = ContinuousClock.now

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(walkers: [EntityWalker], executor: any SerialExecutor) {
    self.walkers = walkers
    self.executor = executor
  }

  package nonisolated var status: Status {
    var usage = IndexUsage()
    for walker in walkers { usage = usage + walker.directory.usage }
    return Status(
      usage: usage, awakeBytes: estimate(usage.awake), looks: looks.load(ordering: .relaxed))
  }

  /// Those who came since the last look are taken to weigh what the others do.
  private nonisolated func estimate(_ awake: Int) -> Int {
    let measured = measured.withLock { $0 }
    guard measured.awake > 0 else { return awake * AwakeWeight.eachBytes }
    return Int(Double(measured.bytes) / Double(measured.awake) * Double(awake))
  }

  /// As `keep`, but rests after each look for so many times as long as that took: it may be called
  /// every now and then.
  package func keepCalmly(within budget: Int) async {
    let began = ContinuousClock.now
    guard began >= rested else { return }
    let before = looks.load(ordering: .relaxed)
    await keep(within: budget)
    let end = ContinuousClock.now
    if looks.load(ordering: .relaxed) > before { rested = end + (end - began) * Self.restFactor }
  }

  /// Puts entities to sleep until those awake take no more than `budget` bytes, or until the others
  /// have to stay. Returns how many went. Costs nothing while they take less, and nothing where the
  /// last look left nobody who could go: only a new snapshot, or many who have woken since, make it
  /// worth another.
  @discardableResult
  package func keep(within budget: Int) async -> Int {
    guard !isLooking else { return 0 }
    isLooking = true
    defer { isLooking = false }
    var gone = 0
    for _ in 0..<Self.looksMax {
      let status = status
      guard status.awakeBytes > budget, exhausted?.lasts(status.usage) != true else { break }
      looks.wrappingAdd(1, ordering: .relaxed)
      var weight = AwakeWeight()
      for walker in walkers { weight = weight + (await walker.putToSleep()) }
      measured.withLock { $0 = weight }
      gone += weight.putToSleep
      exhausted = weight.warm == 0 ? Exhaustion(status.usage, weight) : nil
    }
    return gone
  }

  /// A look after which all that stayed have changed since the newest snapshot.
  private struct Exhaustion {
    /// So many of those who stayed must have been woken since for another look to be worth it: one
    /// in so many, and not fewer than `wakesMin`.
    private static let share = 16
    private static let wakesMin = 1_024

    private let generation: UInt64
    private let wakesDue: UInt64

    init(_ usage: IndexUsage, _ weight: AwakeWeight) {
      generation = usage.generation
      wakesDue = usage.wakes + UInt64(max(Self.wakesMin, weight.awake / Self.share))
    }

    func lasts(_ usage: IndexUsage) -> Bool {
      usage.generation == generation && usage.wakes < wakesDue
    }
  }
}
