import Domain
import Engine
import Entities
import Journal
import Projections
import Wire

/// For operators and auditors.
let operatingCommands: [CommandSpec] = [
  CommandSpec(
    "INFO", [.text("section").repeated.optional],
    """
    Describes the server, its journal and its projections; to who has not logged in, only which \
    versions it is of.
    """, access: .anyone, rate: .operate
  ) { invocation, arguments in
    let wanted = arguments.texts("section").map { $0.lowercased() }
    let service = invocation.service
    let sections =
      invocation.identity == nil ? service.infoForStrangers : service.info
    return Response(.verbatim(Service.text(of: sections, wanted)))
  },
  CommandSpec(
    "PROJECTION DIGEST", [.text("name").optional],
    "Digests of the projections, or of one, and the position that they are of.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound, .busy]
  ) { invocation, arguments in
    let digests = try await invocation.service.operations.digests()
    var map = ReplyMap([("position", .integer(Int64(digests.position.raw)))])
    let name = arguments.text("name")?.lowercased()
    for (key, digest) in digests.named
    where name.map({ key == $0 || key.hasSuffix(".\($0)") }) ?? true {
      map.append(key, .text(digest))
    }
    guard map.entries.count > 1 else { throw Rejection(.notFound, "no projection has this name") }
    return Response(.map(map))
  },
  CommandSpec(
    "SNAPSHOT", [], "Writes a snapshot and answers its position.", access: .admin,
    rate: .operate, errors: [.noAuth, .denied, .busy]
  ) { invocation, _ in
    let position = try await invocation.service.operations.snapshot()
    return Response(.map(["position": .integer(Int64(position.raw))]))
  },
  CommandSpec(
    "SHUTDOWN", [], "Ends the server after everything accepted is durable.", access: .admin,
    rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, _ in
    invocation.connection.isClosing = true
    invocation.service.operations.shutdown()
    return Response(.ok)
  },
]

extension Service {
  typealias InfoSection = (section: String, lines: [(String, String)])

  /// What client libraries ask for when they connect, and HELLO says too.
  fileprivate var infoForStrangers: [InfoSection] { [("Server", Self.versions)] }

  private static let versions = [("roost_version", roostVersion), ("redis_version", redisVersion)]

  fileprivate var info: [InfoSection] {
    let head = journal.head
    let folded = engine.shards.map(\.fold.folded.raw)
    let sections: [InfoSection] = [
      (
        "Server",
        Self.versions + [
          ("uptime_in_seconds", String((clock.now.ms - started.ms) / 1_000)),
          ("shards", String(engine.shards.count)),
        ]
      ),
      (
        "Clients",
        [
          ("connected_clients", String(sessions.openCount)),
          ("total_connections_received", String(sessions.totalCount)),
        ]
      ),
      (
        "Journal",
        [
          ("journal_position", String(head.position.raw)),
          ("journal_enqueued", String(journal.enqueued.raw)),
          ("journal_durability", journal.durability.description),
          ("journal_format", String(head.formatVersion)),
        ]
      ),
      (
        "Projections",
        [
          ("projections_position", String(folded.min() ?? 0)), ("projections_skipped", "0"),
          ("projections_rebuilding", engine.rebuilder.board.now.running?.line ?? "none"),
          ("people", String(engine.names.count)),
          ("posts", String(engine.shards.map(\.directory.posts.count).reduce(0, +))),
          ("chats", String(engine.shards.map(\.directory.chats.count).reduce(0, +))),
          ("hashtags", String(engine.shards.map(\.directory.tags.count).reduce(0, +))),
        ]
      ),
    ]
    return sections + [("Limits", limiter.info)] + operations.info()
  }

  /// In Redis' form; all sections if none is named.
  fileprivate static func text(of sections: [InfoSection], _ wanted: [String]) -> String {
    let all =
      wanted.isEmpty || wanted.contains("all") || wanted.contains("everything")
      || wanted.contains("default")
    return sections.filter { all || wanted.contains($0.section.lowercased()) }
      .map { section in
        "# \(section.section)\r\n"
          + section.lines.map { "\($0.0):\($0.1)\r\n" }.joined()
      }.joined(separator: "\r\n")
  }
}
