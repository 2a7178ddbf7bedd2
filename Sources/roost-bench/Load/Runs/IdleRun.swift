internal import Engine
internal import Glibc
internal import Wire

/// Connections that do nothing, and what each takes of the server's memory.
enum IdleRun {
  static func run(_ options: LoadOptions) throws -> [(String, JSON)] {
    ProcessFigures.raiseDescriptorLimit()
    let tokens = try options.tokens.map { try Tokens(path: $0) }
    let before = try residentBytes(options, tokens)
    var connections: [Dialogue] = []
    let watch = Stopwatch()
    for number in 0..<options.connections {
      var connection = try Dialogue(
        options.address, token: tokens.map { $0.people[number % $0.people.count].token })
      if tokens == nil { _ = try connection.ask(["PING"]) }
      connections.append(connection)
    }
    let opened = watch.seconds
    usleep(UInt32(min(options.seconds, 3_600) * 1e6))
    let held = try residentBytes(options, tokens)
    // All of them are there to the end.
    for number in connections.indices { _ = try connections[number].ask(["PING"]) }
    return [
      ("resident_before", .int(Int64(before))), ("resident_held", .int(Int64(held))),
      ("bytes_per_connection", .decimal(Double(held - before) / Double(options.connections))),
      ("connect_seconds", .decimal(opened)), ("error_count", .int(0)),
    ]
  }

  private static func residentBytes(_ options: LoadOptions, _ tokens: Tokens?) throws -> Int {
    if let pid = options.serverPID {
      guard let bytes = ProcessFigures.residentBytes(of: pid) else {
        throw BenchError("the memory of process \(pid) cannot be read")
      }
      return bytes
    }
    guard let tokens else { throw UsageError("idle needs --server-pid or --tokens") }
    var dialogue = try Dialogue(options.address, token: tokens.admin)
    let name = "process_resident_memory_bytes "
    guard case .text(let text) = try dialogue.ask(["METRICS"]),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let bytes = Double(line.dropFirst(name.count))
    else { throw BenchError("METRICS does not tell the resident memory") }
    return Int(bytes)
  }
}
