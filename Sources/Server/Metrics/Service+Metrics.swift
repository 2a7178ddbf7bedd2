import Domain
import Engine
import Entities
import Journal

extension Service {
  /// Everything that is counted, for METRICS and the HTTP port: reads numbers, and waits for
  /// nobody.
  package func metrics() -> String {
    var text = MetricsText()
    addServer(to: &text)
    addCommands(to: &text)
    addJournal(to: &text)
    addState(to: &text)
    addLimits(to: &text)
    addProcess(to: &text)
    for (section, lines) in operations.info() { add(section, lines, to: &text) }
    return text.text
  }

  private func addServer(to text: inout MetricsText) {
    text.family(
      "roost_build_info", "The running version.", "gauge",
      samples: [(labels: [("version", roostVersion)], value: "1")])
    text.gauge(
      "roost_uptime_seconds", "Since this process began to serve.",
      Double(clock.now.ms - started.ms) / 1_000)
    text.gauge("roost_shards", "Threads that serve.", engine.shards.count)
    text.gauge("roost_connections", "Connections open now.", sessions.openCount)
    text.counter(
      "roost_connections_total", "Connections accepted since the start.", sessions.totalCount)
  }

  private func addCommands(to text: inout MetricsText) {
    let counts = Array(zip(table.commands, meter.counts)).filter { $1.latencies.count > 0 }
      .sorted { $0.0.name < $1.0.name }
    text.family(
      "roost_commands_total", "Calls by command, those that ended with an error included.",
      "counter",
      samples: counts.map { command, counts in
        (labels: [("command", command.name)], value: "\(counts.latencies.count)")
      })
    text.family(
      "roost_command_errors_total", "Calls that ended with an error, by command and code.",
      "counter",
      samples: counts.flatMap { command, counts in
        counts.errors.sorted { $0.key < $1.key }.map { code, count in
          (labels: [("command", command.name), ("code", code)], value: "\(count)")
        }
      })
    var classes: [String: LatencyHistogram] = [:]
    for (command, counts) in counts {
      classes[command.rateClass.rawValue, default: LatencyHistogram()] += counts.latencies
    }
    text.histogram(
      "roost_command_seconds",
      "From a command's taking up to its reply, without the wait for the disk, by rate class.",
      classes.sorted { $0.key < $1.key }.map { name, histogram in
        (labels: [("class", name)], histogram: histogram)
      })
  }

  private func addJournal(to text: inout MetricsText) {
    let counts = journal.meter.counts
    let durable = journal.durable.raw
    text.gauge("roost_journal_position", "The newest durable event.", durable)
    text.gauge(
      "roost_journal_waiting_events", "Events decided and not yet durable.",
      journal.enqueued.raw - min(durable, journal.enqueued.raw))
    text.counter(
      "roost_journal_events_total", "Events written since the start.", counts.events)
    text.counter(
      "roost_journal_bytes_total", "Bytes of blocks written since the start.", counts.bytes)
    text.histogram(
      "roost_journal_commit_seconds",
      "A transaction's write, and its sync where durability is always.",
      [(labels: [], histogram: counts.commits)])
  }

  private func addState(to text: inout MetricsText) {
    let durable = journal.durable.raw
    text.family(
      "roost_projections_behind_events", "Durable events that a shard has still to fold.",
      "gauge",
      samples: engine.shards.map {
        (
          labels: [("shard", "\($0.index.raw)")],
          value: "\(durable - min(durable, $0.fold.folded.raw))"
        )
      })
    text.gauge("roost_projections_skipped_events", "Events passed over: 0, always.", 0)
    text.gauge(
      "roost_unreadable_people", "People whose text did not open with their key: 0, always.",
      unreadableCount)
    let kinds: [(String, Int)] = [
      ("user", engine.shards.map(\.directory.users.count).reduce(0, +)),
      ("post", engine.shards.map(\.directory.posts.count).reduce(0, +)),
      ("chat", engine.shards.map(\.directory.chats.count).reduce(0, +)),
      ("tag", engine.shards.map(\.directory.tags.count).reduce(0, +)),
    ]
    text.family(
      "roost_entities", "Entities by kind, those that sleep included.", "gauge",
      samples: kinds.map { (labels: [("kind", $0.0)], value: "\($0.1)") })
  }

  private func addLimits(to text: inout MetricsText) {
    let counts = limiter.counts
    text.counter("roost_limits_checked_total", "Calls held against a limit.", counts.checked)
    text.family(
      "roost_limits_refused_total", "Calls refused with LIMIT, by rule.", "counter",
      samples: LimitRule.allCases.map {
        (labels: [("rule", $0.name)], value: "\(counts.refused[Int($0.rawValue)])")
      })
  }

  private func addProcess(to text: inout MetricsText) {
    let usage = usage.usage
    text.gauge(
      "process_resident_memory_bytes", "Resident memory size in bytes.", usage.residentBytes)
    text.family(
      "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", "counter",
      samples: [(labels: [], value: "\(usage.processorSeconds)")])
    text.gauge("process_open_fds", "Number of open file descriptors.", usage.openDescriptors)
    text.gauge(
      "process_max_fds", "Maximum number of open file descriptors.", usage.descriptorsMax)
    text.gauge(
      "process_start_time_seconds", "When this process began to serve, since 1970.",
      Double(started.ms) / 1_000)
  }

  /// What the process around tells INFO; its numbers become gauges of the same names.
  private func add(
    _ section: String, _ lines: [(String, String)], to text: inout MetricsText
  ) {
    for (name, value) in lines {
      guard let number = Double(value), number.isFinite else { continue }
      text.family(
        "roost_\(name)", "As \(name) of INFO \(section.lowercased()).", "gauge",
        samples: [(labels: [], value: value)])
    }
  }
}
