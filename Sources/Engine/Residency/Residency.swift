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
  }

  /// Looks in a row before those that have changed are left to the next snapshot. Each makes
  /// everybody half as warm.
  private static let looksMax = 4

  private nonisolated let walkers: [EntityWalker]
  private nonisolated let measured = Mutex(AwakeWeight())
  private let executor: any SerialExecutor
  private var isLooking = false

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
    return Status(usage: usage, awakeBytes: estimate(usage.awake))
  }

  /// Those who came since the last look are taken to weigh what the others do.
  private nonisolated func estimate(_ awake: Int) -> Int {
    let measured = measured.withLock { $0 }
    guard measured.awake > 0 else { return awake * AwakeWeight.eachBytes }
    return Int(Double(measured.bytes) / Double(measured.awake) * Double(awake))
  }

  /// Puts entities to sleep until those awake take no more than `budget` bytes, or until the others
  /// have to stay. Returns how many went. Costs nothing while they take less.
  @discardableResult
  package func keep(within budget: Int) async -> Int {
    guard !isLooking else { return 0 }
    isLooking = true
    defer { isLooking = false }
    var gone = 0
    for _ in 0..<Self.looksMax {
      guard status.awakeBytes > budget else { break }
      var weight = AwakeWeight()
      for walker in walkers { weight = weight + (await walker.putToSleep()) }
      measured.withLock { $0 = weight }
      gone += weight.putToSleep
    }
    return gone
  }
}
