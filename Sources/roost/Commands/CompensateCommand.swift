internal import Domain
internal import Engine
internal import Journal

struct CompensateCommand: Subcommand {
  static let name = "compensate"
  static let summary = "commands that take back what wrong events did"
  static let details = """
    Prints, newest first, the commands that put back what the chosen events set, as plain lines for
    a connection with an admin's token:
      (echo "AUTH $(cat DIR/admin.token)"; roost compensate --data DIR --since 1200) | nc HOST PORT
    Nothing is edited: they are decided and journaled like any others, and each has a key, so that
    sending them twice does no more than once. What somebody has changed since is left alone; what
    no command takes back is named on standard error, and the exit status is 1. Reads only; works
    beside a running server. Look at what is chosen first: roost replay --events.
    """
  static let options: [Option] = [
    .data,
    .value("since", "POSITION|TIME", "the first of the wrong events"),
    .value("until", "POSITION|TIME", "the last of them; the end if it is not given"),
    .value("actor", "user:NAME", "only what this person did"),
    .value("type", "NAME,…", "only these kinds of events, as roost tail prints them"),
    .json,
  ]

  private let directory: String
  private let since: Refold.Limit
  private let until: Refold.Limit
  private let actor: String?
  private let types: Set<EventType>
  private let isJSON: Bool

  init(_ options: Options) throws {
    directory = options.require(.data)
    guard let since = options["since"] else {
      throw UsageError("--since POSITION|TIME is missing: where did it go wrong?")
    }
    self.since = try Refold.Limit(text: since)
    until = try options["until"].map { try Refold.Limit(text: $0) } ?? .end
    actor = try options["actor"].map(ReplayEvents.actor)
    types = try Set(options["type"].map(ReplayEvents.types) ?? [])
    isJSON = options.has(.json)
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let reader = try JournalReader(directory: directory)
    var filter = EventFilter()
    filter.from = try reader.first(since: since)
    filter.through = try reader.position(at: until)
    filter.types = types
    if let actor {
      let index = try terminal.history(of: reader, directory: directory)
      guard let id = try index.user(named: actor, at: index.head) else {
        terminal.complain("there is no user:\(actor)")
        return .wrong
      }
      filter.actor = id
    }
    let chosen = filter
    let compensation = try Compensation(reader) {
      chosen.admits($0)
    } report: {
      terminal.progress($0)
    }
    terminal.finish()
    if isJSON {
      terminal.print(json(compensation).text)
    } else {
      for step in compensation.steps { terminal.print(step.line) }
      terminal.flush()
      let (events, commands) = (grouped(compensation.count), grouped(compensation.steps.count))
      terminal.log("\(events) events chosen, \(commands) commands")
      for remark in compensation.remarks { terminal.complain(sentence(remark)) }
    }
    return compensation.remarks.isEmpty ? .done : .wrong
  }

  private func sentence(_ remark: Compensation.Remark) -> String {
    let shown = remark.positions.prefix(Compensation.positionsShownMax)
    let more = remark.positions.count - shown.count
    return "position \(shown.map(\.description).joined(separator: ", "))"
      + (more > 0 ? " and \(grouped(more)) more" : "") + ": \(remark.sentence)"
  }

  private func json(_ compensation: Compensation) -> JSON {
    .object([
      ("events", .int(Int64(compensation.count))),
      (
        "commands",
        .array(
          compensation.steps.map { step in
            .object([
              ("position", .uint(step.position.raw)), ("line", .string(step.line)),
              ("as", step.user.map { .string($0.text) } ?? .null),
            ])
          })
      ),
      (
        "remarks",
        .array(
          compensation.remarks.map { remark in
            .object([
              ("sentence", .string(remark.sentence)),
              ("positions", .array(remark.positions.map { .uint($0.raw) })),
            ])
          })
      ),
    ])
  }
}
