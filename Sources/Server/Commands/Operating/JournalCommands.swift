import Domain
import Engine
import Entities
import Journal
import Wire

/// The journal, looked at from outside.
let journalCommands: [CommandSpec] = [
  CommandSpec(
    "JOURNAL INFO", [], "Shows the journal's head and what is under way.", access: .admin,
    rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, _ in
    let journal = invocation.service.journal
    let head = journal.head
    return Response(
      .map([
        "position": .integer(Int64(head.position.raw)), "hash": .text(hexadecimal(head.hash)),
        "time": .integer(head.time.ms), "format": .integer(Int64(head.formatVersion)),
        "blocks": .integer(Int64(head.blocks)),
        "enqueued": .integer(Int64(journal.enqueued.raw)),
        "durable": .integer(Int64(journal.durable.raw)),
        "durability": .text(journal.durability.description), "skipped": .integer(0),
      ]))
  },
  CommandSpec(
    "JOURNAL TAIL",
    [
      .integer("from", 0...Int64.max),
      .integer("count", 1...JournalTailing.countMax).after("COUNT"),
    ],
    "The events from a position on, each as a line of JSON, without what was sealed.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied]
  ) { invocation, arguments in
    let lines = try await invocation.service.engine.archivist.lines(
      from: Position(UInt64(arguments.integer("from") ?? 0)),
      countMax: Int(arguments.integer("count") ?? JournalTailing.countDefault),
      bytesMax: JournalTailing.bytesMax)
    return Response(.array(lines.map { .text($0) }))
  },
  CommandSpec(
    "JOURNAL VERIFY", [],
    "Checks every checksum and every link of the journal while it goes on being written.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .busy]
  ) { invocation, _ in
    let result = try await invocation.service.operations.verifyJournal()
    return Response(
      .map([
        "ok": .flag(result.findings.isEmpty), "position": .integer(Int64(result.position.raw)),
        "first_bad": result.findings.compactMap(\.position).min()
          .map { .integer(Int64($0.raw)) } ?? .null,
        "findings": .array(result.findings.map { .text($0.description) }),
      ]))
  },
]

/// Bounds of JOURNAL TAIL.
enum JournalTailing {
  static let countMax: Int64 = 1_000
  static let countDefault: Int64 = 100
  /// Of one reply; the page ends early where this many are reached.
  static let bytesMax = 512 << 10
}
