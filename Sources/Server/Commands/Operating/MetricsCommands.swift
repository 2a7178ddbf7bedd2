import Domain
import Wire

/// For whoever watches a server.
let metricsCommands: [CommandSpec] = [
  CommandSpec(
    "METRICS", [], "Everything that is counted, in Prometheus' text format.", access: .admin,
    rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, _ in
    Response(.verbatim(invocation.service.metrics()))
  }
]
