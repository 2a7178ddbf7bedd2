internal import Domain
internal import Engine
internal import Journal

extension ReplayCommand {
  /// The dry run of `--check-upcasters`: what is stored in which version, and whether every older
  /// event has its place in today's.
  static func checkUpcasters(
    _ directory: String, isJSON: Bool, _ terminal: Terminal
  ) throws -> ExitStatus {
    let check = try UpcastCheck(try JournalReader(directory: directory)) {
      terminal.progress(
        Progress(
          title: "upcasting", done: $0.position.raw, total: $0.last.raw, unit: "records"))
    }
    terminal.finish()
    if isJSON { terminal.print(json(check).text) } else { show(check, terminal) }
    return check.failure == nil ? .done : .wrong
  }

  private static func show(_ check: UpcastCheck, _ terminal: Terminal) {
    for count in check.counts {
      let events = grouped(count.events) + (count.events == 1 ? " event" : " events")
      var line = "\(count.type.name) version \(count.version): \(events)"
      if count.isOlder {
        line +=
          ", upcast to version \(count.type.version): fields of \(grouped(count.storedBytes)) "
          + "bytes become \(grouped(count.newestBytes))"
      }
      terminal.print(line)
    }
    if let failure = check.failure {
      terminal.complain(failure.description)
    } else {
      let older = check.counts.filter(\.isOlder).reduce(0) { $0 + $1.events }
      terminal.print(
        "\(grouped(check.position.raw)) events are read, \(grouped(older)) of them by upcasting")
    }
  }

  private static func json(_ check: UpcastCheck) -> JSON {
    let versions = check.counts.map { count in
      JSON.object([
        ("type", .string(count.type.name)), ("version", .uint(UInt64(count.version))),
        ("newest", .uint(UInt64(count.type.version))), ("events", .uint(count.events)),
        ("upcast", .bool(count.isOlder)), ("stored_bytes", .uint(count.storedBytes)),
        ("newest_bytes", .uint(count.newestBytes)),
      ])
    }
    return .object([
      ("position", .uint(check.position.raw)), ("versions", .array(versions)),
      ("first_bad", check.failure.map { .uint($0.position.raw) } ?? .null),
      ("problem", check.failure.map { .string($0.reason) } ?? .null),
    ])
  }
}
