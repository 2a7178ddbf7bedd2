import Domain
import Engine
import Journal
import Wire

let backupCommands: [CommandSpec] = [
  CommandSpec(
    "BACKUP", [.text("directory"), .flag("WITHOUT-KEYS")],
    """
    Brings the backup in a directory of the server's machine up to now, or makes one there; \
    answers where it ends, the events and bytes that were added, and the milliseconds it took.
    """,
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .busy]
  ) { invocation, arguments in
    let service = invocation.service
    let path = arguments.text("directory") ?? ""
    let start = service.clock.now
    let report = try await service.engine.backups.backup(
      to: path, withKeys: !arguments.has("without-keys"))
    service.log("backup to \(path): \(report.events) events, up to position \(report.position)")
    return Response(
      .map([
        "position": .integer(Int64(report.position.raw)),
        "events": .integer(Int64(report.events)), "bytes": .integer(Int64(report.bytes)),
        "bytes_in_all": .integer(Int64(report.bytesInAll)),
        "ms": .integer(service.clock.now.ms - start.ms),
      ]), after: report.position)
  }
]
