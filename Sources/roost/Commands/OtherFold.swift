internal import Domain
internal import Engine
internal import Journal

/// Another roost, asked for the digests of its fold: of this version, or of one that knows only
/// `replay --until`.
struct OtherFold {
  let program: String
  let directory: String
  let parts: [StatePart]

  func bisect(_ reader: JournalReader, _ report: @escaping ProgressReport) throws -> FoldBisection {
    let isKnown = try digests(at: [Position(1)]) != nil
    return try FoldBisection(
      reader, parts: parts, looks: isKnown ? FoldBisection.looksMax : 2, report: report
    ) { positions in
      if isKnown, let digests = try digests(at: positions) { return digests }
      return try positions.map { try digests(until: $0) }
    }
  }

  /// Nil if the program does not know the option.
  private func digests(at positions: [Position]) throws -> [[String: String]]? {
    let list = positions.map { "\($0)" }.joined(separator: ",")
    // A single part is named; several are all of them.
    let only = parts.count == 1 ? ["--projection", parts[0].name] : []
    let result = try run(["--digests-at", list] + only)
    if result.status == ExitStatus.badUsage.rawValue { return nil }
    guard result.status == 0 else { throw failure(result.status) }
    return try result.lines.map(digests)
  }

  private func digests(until position: Position) throws -> [String: String] {
    let result = try run(["--until", "\(position)"])
    guard result.status == 0, let line = result.lines.last else { throw failure(result.status) }
    return try digests(line)
  }

  private func digests(_ line: String) throws -> [String: String] {
    guard let digests = StateDigests.read(json: line) else {
      throw EntriesError("\(program) printed no digests")
    }
    return digests
  }

  private func run(_ words: [String]) throws -> (status: Int32, lines: [String]) {
    let child = try ChildProgram(
      [program, "replay", "--data", directory, "--json"] + words)
    let (status, output) = try child.finish()
    let lines = output.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    return (status, lines)
  }

  private func failure(_ status: Int32) -> EntriesError {
    EntriesError("\(program) ended with status \(status)")
  }
}
