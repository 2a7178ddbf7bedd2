import Domain
import Engine
import Entities
import Journal
import Projections
import Wire

/// For operators: projections, and building them anew while they serve.
let projectionCommands: [CommandSpec] = [
  CommandSpec(
    "PROJECTION LIST", [],
    "Lists the projections: where each stands, by which version of its fold, and its rebuilds.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, _ in
    Response(.array(invocation.service.projections))
  },
  CommandSpec(
    "PROJECTION REBUILD", [.text("name"), .flag("WAIT")],
    "Begins to build a projection, or all, anew from the journal, and lets it take over.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound, .busy]
  ) { invocation, arguments in
    let targets = try arguments.projections
    let rebuilder = invocation.service.engine.rebuilder
    try await rebuilder.rebuild(targets)
    if arguments.has("wait") {
      return Response(try await rebuilder.outcome(of: targets).reply)
    }
    return Response(
      .map([
        "rebuilding": .text(targets.description),
        "records": .integer(Int64(invocation.service.journal.durable.raw)),
      ]))
  },
  CommandSpec(
    "PROJECTION CANCEL", [.text("name")],
    "Ends the rebuild that is under way and leaves what serves as it is.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound, .conflict]
  ) { invocation, arguments in
    try await invocation.service.engine.rebuilder.cancel(try arguments.projections)
    return Response(.ok)
  },
  CommandSpec(
    "PROJECTION REVERT", [.text("name")],
    "Goes back to what a projection was before its newest rebuild, with all that came since.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound, .busy]
  ) { invocation, arguments in
    let outcome = try await invocation.service.engine.rebuilder.revert(try arguments.projections)
    return Response(outcome.reply)
  },
  CommandSpec(
    "PROJECTION DROP", [.text("name")],
    "Lets go of what is kept to go back to; all is whatever is kept.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    try await invocation.service.engine.rebuilder.drop(try arguments.projections)
    return Response(.ok)
  },
]

extension Arguments {
  /// `home`, `home+inbox` or `all`.
  fileprivate var projections: ProjectionSet {
    get throws(Rejection) {
      guard let targets = ProjectionSet((text("name") ?? "").lowercased()) else {
        throw Rejection(.notFound, "no projection has this name")
      }
      return targets
    }
  }
}

extension Service {
  /// One map for each projection, in the order of folding.
  fileprivate var projections: [Reply] {
    let folded = engine.shards.map(\.fold.folded.raw)
    let behind = journal.durable.raw - min(journal.durable.raw, folded.min() ?? 0)
    let board = engine.rebuilder.board.now
    return ProjectionName.allCases.map { name in
      .map([
        "name": .text(name.rawValue),
        "fold_version": .integer(Int64(board.folds[name])),
        "current_fold_version": .integer(Int64(ReadModels.foldVersion(of: name))),
        "positions": .array(folded.map { .integer(Int64($0)) }),
        "behind": .integer(Int64(behind)), "skipped": .integer(0),
        "state": .text(board.state(of: name)),
        "rebuild": board.running(name).map(\.reply) ?? .null,
        "kept": board.kept(of: name).map { .integer(Int64($0.position.raw)) } ?? .null,
        "last_rebuild": board.outcomes[name].map { $0.reply(of: name) } ?? .null,
      ])
    }
  }
}

extension RebuildBoard.Content {
  fileprivate func running(_ name: ProjectionName) -> RebuildStatus? {
    running.flatMap { $0.targets.contains(name) ? $0 : nil }
  }

  /// `live`, `outdated` (an older version serves), or what is being done to build the next one.
  fileprivate func state(of name: ProjectionName) -> String {
    if let running = running(name) { return running.phase.rawValue }
    return folds[name] == ReadModels.foldVersion(of: name) ? "live" : "outdated"
  }
}

extension RebuildStatus {
  fileprivate var reply: Reply {
    .map([
      "position": .integer(Int64(position.raw)), "end": .integer(Int64(end.raw)),
      "percent": .integer(Int64(percent)),
      "records_per_second": .integer(Int64(recordsPerSecond)),
      "seconds_left": secondsLeft.map { .integer(Int64($0)) } ?? .null,
    ])
  }

  /// For INFO: `home building 52%`.
  var line: String { "\(targets) \(phase.rawValue) \(percent)%" }
}

extension RebuildOutcome {
  /// Of what was rebuilt or gone back to, together.
  fileprivate var reply: Reply {
    var map = ReplyMap([
      (isRevert ? "reverted" : "rebuilt", .text(targets.description)),
      ("position", .integer(Int64(position.raw))), ("ms", .integer(ms)),
      ("records_per_second", .integer(Int64(recordsPerSecond))),
    ])
    if !isRevert {
      let results = comparisons.map { ($0.name.rawValue, Reply.text($0.sentence)) }
      map.append("results", .map(ReplyMap(results)))
    }
    return .map(map)
  }

  fileprivate func reply(of name: ProjectionName) -> Reply {
    let comparison = comparisons.first { $0.name == name }
    return .map([
      "position": .integer(Int64(position.raw)), "ms": .integer(ms),
      "records_per_second": .integer(Int64(recordsPerSecond)),
      "result": .text(result(comparison)),
      "digest_before": comparison.map { .text($0.before.description) } ?? .null,
      "digest_after": comparison.map { .text($0.after.description) } ?? .null,
      "entries_differing": comparison.map { .integer(Int64($0.differing)) } ?? .null,
    ])
  }

  private func result(_ comparison: ProjectionComparison?) -> String {
    if let failure { return "ended: \(failure)" }
    if isRevert { return "reverted" }
    return comparison?.sentence ?? "took over"
  }
}
