internal import Domain
internal import Engine
internal import Journal
internal import Projections

struct RebuildCommand: Subcommand {
  static let name = "rebuild"
  static let summary = "fold again; --check only compares"
  static let details = """
    Folds the whole journal anew, compares with the newest snapshot and writes a fresh one, from
    which the next start goes on; not while a server runs. With --projection only that projection
    is folded, with what it stands on, and put into the newest snapshot in the place of the old
    one. The snapshot that was there is kept; --revert puts it back. What is killed goes on from
    where it was. With --check it compares with the newest snapshot and writes nothing, and with
    --each it does so for every projection, one after the other, and says how fast each is; these
    work beside a running server, where PROJECTION REBUILD is what rebuilds.
    """
  static let options: [Option] = [
    .data,
    .value("projection", "NAME", "build this one only"),
    .flag("check", "only compare"),
    .flag("each", "only compare: every projection for itself, with its events per second"),
    .flag("revert", "put back the snapshot that the last rebuild replaced"),
    .json,
  ]

  private let directory: String
  private let projection: ProjectionName?
  private let isCheck: Bool
  private let isEach: Bool
  private let isRevert: Bool
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    projection = try options["projection"].map { name in
      guard let projection = ProjectionName(rawValue: name) else {
        let known = ProjectionName.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("there is no projection '\(name)'; there are \(known)")
      }
      return projection
    }
    isCheck = options.has("check")
    isEach = options.has("each")
    isRevert = options.has("revert")
    isJSON = options.has(.json)
    if isRevert, isCheck || isEach || projection != nil {
      throw UsageError("--revert goes with nothing but --data")
    }
    if isEach, projection != nil { throw UsageError("--each is for every projection") }
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    if isRevert { return try revert(terminal) }
    if isEach { return try checkEach(terminal) }
    if let projection { return try rebuild(ProjectionSet([projection]), terminal) }
    if isCheck {
      let verification = try Verification.check(directory: directory) { terminal.progress($0) }
      return terminal.report(verification, isJSON: isJSON)
    }
    return try rebuildEverything(terminal)
  }

  private func offline(_ terminal: Terminal) -> OfflineRebuild {
    OfflineRebuild(directory: directory, clock: SystemClock()) { terminal.progress($0) }
  }

  private func rebuild(_ targets: ProjectionSet, _ terminal: Terminal) throws -> ExitStatus {
    let report =
      isCheck
      ? try offline(terminal).check(targets)
      : try offline(terminal).replace(targets, random: SystemRandom())
    terminal.finish()
    if isJSON {
      terminal.print(report.json.text)
    } else {
      for line in report.lines { terminal.print(line) }
    }
    return terminal.judge([report], isCheck: isCheck)
  }

  private func checkEach(_ terminal: Terminal) throws -> ExitStatus {
    var reports: [OfflineRebuild.Report] = []
    for name in ProjectionName.allCases {
      let report = try offline(terminal).check(ProjectionSet([name]))
      terminal.finish()
      if !isJSON { for line in report.lines { terminal.print(line) } }
      terminal.flush()
      reports.append(report)
    }
    if isJSON { terminal.print(JSON.array(reports.map(\.json)).text) }
    return terminal.judge(reports, isCheck: true)
  }

  private func rebuildEverything(_ terminal: Terminal) throws -> ExitStatus {
    let report = try Rebuild.run(
      directory: directory, clock: SystemClock(), random: SystemRandom()
    ) { terminal.progress($0) }
    terminal.finish()
    if report.resumedAt > .zero { terminal.log("went on from position \(report.resumedAt)") }
    for comparison in report.comparisons where !comparison.isEqual {
      terminal.log("note: \(comparison.name.rawValue): \(comparison.sentence)")
    }
    if isJSON {
      terminal.print(json(report).text)
    } else {
      terminal.print(report.digests.text)
      terminal.print(
        rate("everything", report.records, report.ms, report.recordsPerSecond))
      terminal.print(
        "snapshot: \(grouped(report.snapshot.entries)) entries, "
          + "\(grouped(report.snapshot.bytes)) bytes")
    }
    return .done
  }

  private func json(_ report: Rebuild.Report) -> JSON {
    .object([
      ("position", .uint(report.digests.position.raw)), ("state", report.digests.json),
      ("resumed_at", .uint(report.resumedAt.raw)), ("ms", .uint(UInt64(report.ms))),
      ("events_per_second", .uint(report.recordsPerSecond)),
      ("projections", .array(report.comparisons.map(\.json))),
      ("snapshot", report.snapshot.json),
    ])
  }

  private func revert(_ terminal: Terminal) throws -> ExitStatus {
    let position = try KeptSnapshot.putBack(
      directory: directory, clock: SystemClock(), random: SystemRandom())
    guard let position else {
      terminal.complain("no snapshot is kept from a rebuild")
      return .wrong
    }
    terminal.print("the snapshot at position \(position) is back")
    terminal.flush()
    return .done
  }
}

/// `home: 1 215 818 events in 1 402 ms, 867 203 events/s`
private func rate(
  _ what: String, _ records: UInt64, _ ms: Int64, _ recordsPerSecond: UInt64
) -> String {
  "\(what): \(grouped(records)) events in \(grouped(ms)) ms, "
    + "\(grouped(recordsPerSecond)) events/s"
}

extension Terminal {
  /// A difference that is only looked for is something wrong; one that was mended is not.
  fileprivate func judge(_ reports: [OfflineRebuild.Report], isCheck: Bool) -> ExitStatus {
    var isWrong = false
    for comparison in reports.flatMap(\.comparisons) where !comparison.isEqual {
      if isCheck {
        complain("\(comparison.name.rawValue) in the snapshot: \(comparison.sentence)")
        isWrong = true
      } else {
        log("note: \(comparison.name.rawValue) was not what the journal says: it is mended")
      }
    }
    flush()
    return isWrong ? .wrong : .done
  }
}

extension OfflineRebuild.Report {
  fileprivate var lines: [String] {
    var lines = [rate(targets.description, records, ms, recordsPerSecond)]
    if resumedAt > .zero { lines.append("went on from position \(resumedAt)") }
    for comparison in comparisons {
      lines.append("projections.\(comparison.name.rawValue)  \(comparison.after)")
      lines.append("compared with the snapshot at position \(position): \(comparison.sentence)")
    }
    if comparisons.isEmpty { lines.append("there is no snapshot to compare with") }
    if let snapshot {
      lines.append(
        "snapshot: \(grouped(snapshot.entries)) entries, \(grouped(snapshot.bytes)) bytes")
    }
    return lines
  }

  fileprivate var json: JSON {
    .object([
      ("projection", .string(targets.description)), ("position", .uint(position.raw)),
      ("resumed_at", .uint(resumedAt.raw)), ("ms", .uint(UInt64(ms))),
      ("events_per_second", .uint(recordsPerSecond)),
      ("projections", .array(comparisons.map(\.json))), ("snapshot", snapshot?.json ?? .null),
    ])
  }
}

extension ProjectionComparison {
  fileprivate var json: JSON {
    .object([
      ("name", .string(name.rawValue)), ("before", .string(before.description)),
      ("after", .string(after.description)), ("entries", .uint(UInt64(entries))),
      ("missing", .uint(UInt64(missing))), ("extra", .uint(UInt64(extra))),
      ("changed", .uint(UInt64(changed))),
    ])
  }
}

extension SnapshotSummary {
  fileprivate var json: JSON {
    .object([
      ("position", .uint(position.raw)), ("entries", .uint(entries)),
      ("bytes", .uint(UInt64(bytes))),
    ])
  }
}
