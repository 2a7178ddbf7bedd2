import Glibc
import Journal
import Simulation

SameEverywhere.ensure()
let options = CommandLineOptions(CommandLine.arguments)
#if ROOST_MUTATIONS
  options.mutation?.plant()
#endif
if options.shrinks {
  var shrinker = Shrinker(options)
  exit(shrinker.run())
}
LastWords.listen()
let clock = ContinuousClock()
let start = clock.now
var seed = options.first
var total = Total()
while options.goesOn(after: total, at: seed, since: start) {
  let run = options.simulation(of: seed)
  let planted = options.mutation.map { ["--mutation", "\($0)"] } ?? []
  let again = "repeat with: tools/simulate \((run.arguments + planted).joined(separator: " "))"
  LastWords.keep("seed \(seed) (\(run.mode.rawValue)): the server crashes\n\(again)\n")
  let report = Simulation.run(run)
  total.add(report)
  for line in report.story { print(line) }
  if options.seeds == 1 {
    print("seed \(seed) \(run.mode.rawValue): trace \(report.trace), \(report.trace.steps) steps")
    print("calls: \(NumberList(numbers: Set(report.calls)))")
  }
  if let violation = report.violation {
    print("seed \(seed) (\(run.mode.rawValue)): \(violation)")
    fflush(nil)
    print(again)
    if !options.keepsGoing { break }
  }
  seed += 1
}
let took = clock.now - start
print(total.text(seconds: Double(took.components.seconds)))
exit(total.violations == 0 ? 0 : 1)
