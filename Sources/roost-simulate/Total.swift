import Simulation

/// What all runs amount to.
struct Total {
  private(set) var operations = 0
  private(set) var violations = 0
  private var seeds = 0
  private var steps = 0
  private var events: UInt64 = 0
  private var replies = 0
  private var comparisons = 0
  private var crashes = 0
  private var restarts = 0
  private var snapshots = 0
  private var rebuilds = 0
  private var cuts = 0
  private var faults = 0
  private var busy = 0
  private var pushes = 0

  mutating func add(_ report: Simulation.Report) {
    seeds += 1
    operations += report.operations
    violations += report.violation == nil ? 0 : 1
    steps += report.trace.steps
    events += report.events
    replies += report.replies
    comparisons += report.comparisons
    crashes += report.crashes
    restarts += report.restarts
    snapshots += report.snapshots
    rebuilds += report.rebuilds
    cuts += report.cuts
    faults += report.faults
    busy += report.busy
    pushes += report.pushes
  }

  /// One line; tools/simulate adds up such lines.
  func text(seconds: Double) -> String {
    "\(seeds) seeds, \(operations) operations, \(steps) steps, \(events) events, "
      + "\(replies) replies, \(comparisons) reads compared, \(crashes) crashes, "
      + "\(restarts) restarts, \(snapshots) snapshots, \(rebuilds) rebuilds, "
      + "\(cuts) cut connections, \(faults) disk faults, \(busy) refusals as busy, "
      + "\(pushes) pushes, \(violations) violations, \(seconds) s"
  }
}
