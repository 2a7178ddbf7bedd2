internal import Engine

/// `roost-bench load`.
enum LoadCommand {
  private static let usage = """
    usage: roost-bench load --address HOST:PORT --workload NAME [--tokens FILE] [--connections C]
                            [--pipeline P] [--closed | --rate R] [--seconds S] [--warmup S]
                            [--seed S] [--server-pid PID] [--service] [--count N] [--followers F]
                            [--celebrity-rate C] [--members M] [--json] [-- COMMAND …]

    Drives a server with one thread and prints JSON: requests, errors by code, the rate, percentiles
    in microseconds, a curve of [share, microseconds], processor seconds. Closed: every connection
    has P requests on the way all the time, measured from sending. Open: R requests a second are due
    at even distances, P of a connection on the way at most, measured from when they were due.
    Requests with an error are counted by its code and are not in the percentiles. The first seconds
    (--warmup) are not measured.

    FILE is the tokens.json of roost-bench network: connection n is its nth person. With --service,
    every read is made as somebody at random (AS), through a service token.

    workloads:
    """

  static var help: String {
    let width = Workload.all.map(\.name.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 4)
    return Workload.all.reduce(into: usage) { text, workload in
      let name = workload.name + String(repeating: " ", count: width - workload.name.count)
      let lines = workload.summary.split(separator: "\n").joined(separator: "\n" + indent)
      text += "\n  \(name)  \(lines)"
    }
  }

  static func run(_ words: [String]) throws {
    let options = try LoadOptions(words)
    guard let workload = Workload.all.first(where: { $0.name == options.workload }) else {
      throw UsageError("there is no workload '\(options.workload)'; see roost-bench load --help")
    }
    guard options.command.isEmpty || workload.name == "command" else {
      throw UsageError("a command after -- goes with --workload command")
    }
    var members: [(String, JSON)] = [
      ("workload", .string(options.workload)), ("connections", .int(Int64(options.connections))),
      ("pipeline", .int(Int64(options.pipeline))),
    ]
    switch options.pacing {
    case .closed: members.append(("mode", .string("closed")))
    case .open(let rate): members += [("mode", .string("open")), ("target_rate", .decimal(rate))]
    }
    print(JSON.object(members + (try workload.run(options))).text)
  }
}
