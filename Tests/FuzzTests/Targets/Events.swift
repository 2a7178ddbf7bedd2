import Domain

@testable import Engine
@testable import Journal

extension FuzzTarget {
  /// Exported events: a line that is accepted is written again as one that is read as the same, and
  /// its record can be stored.
  static let events = FuzzTarget(
    name: "events", bytesMax: 2_048, words: eventWords, seeds: { try eventSeeds() },
    run: { input in
      guard let line = try? RecordLine(input[...]) else { return }
      checkLine(line.record)
      checkStored([line])
    })

  /// A file of exported events, as the import takes it in, but for the disk: lines in order are
  /// stored and read back as they are, and fold into a state, whatever they say.
  static let history = FuzzTarget(
    name: "history", bytesMax: 4_096, allocationMiBMax: 8, words: eventWords,
    seeds: { try historySeeds() },
    run: { input in
      var lines: [RecordLine] = []
      for text in input.split(separator: 0x0A) {
        guard let line = try? RecordLine(text), isNext(line, lines.last) else { break }
        lines.append(line)
      }
      guard !lines.isEmpty else { return }
      checkStored(lines)
      var refold = emptyFold
      for line in lines {
        do throws(RefoldError) { try refold.fold(line.record) } catch { return }
      }
      hold(refold.position == lines.last?.record.position, "the fold is elsewhere")
    })
}

private let emptyFold = Refold()

/// What the import demands of a line that follows another: see `JournalComposer`.
private func isNext(_ line: RecordLine, _ last: RecordLine?) -> Bool {
  JournalComposer.refusal(
    of: line, after: last?.record.position ?? .zero, last?.record.time ?? Instant(ms: .min)) == nil
}

/// In blocks, and read from them again.
private func checkStored(_ lines: [RecordLine]) {
  var encoder = BlockEncoder(
    previousHash: JournalFormat.genesisHash, blockBytesMax: JournalLimits().blockBytesMax,
    random: FixedRandom())
  for line in lines {
    let secret: Secret? =
      switch line.text {
      case .none: nil
      case .text(let secret): secret
      case .erased, .withheld: Secret([:])
      }
    encoder.append(
      line.record, secret: secret, key: secret.map { _ in Array(repeating: 1, count: 32) },
      requestDigest: line.request?.digest)
  }
  encoder.finish()
  var records: [Record] = []
  for block in encoder.finished {
    do {
      let header = try BlockHeader.read(block.bytes)
      try BlockDecoder.forEachRecord(in: block.bytes, header) { records.append($0.record) }
    } catch {
      fatalError("what is stored is not read: \(error)")
    }
  }
  hold(records == lines.map(\.record), "what is stored is read as \(records)")
}

private struct FixedRandom: RandomSource {
  func bytes(_ count: Int) -> [UInt8] { Array(repeating: 4, count: count) }
}

private let eventWords: [[UInt8]] =
  (EventType.allCases.map { "\"type\":\"\($0.name)\"" }
  + EventType.allCases.flatMap { $0.schema.fields.map { "\"\($0.name)\":" } }
  + [
    "\"actor\":\"user:", "\"entity\":\"post:", "\"entity\":\"chat:", "\"entity\":\"tag:",
    "\"fields\":{", "\"position\":", "\"sequence\":", "\"time\":", "\"version\":",
    "\"text\":\"erased\"", "\"text\":{\"text\":\"", "\"request\":\"",
    "\"answer\":{\"outcome\":\"ok\"}",
    "-9223372036854775808", "9223372036854775807", "18446744073709551615", "\\u0301",
  ]).map { Array($0.utf8) }

private func goldenLines() throws -> [[String]] {
  var journals: [[String]] = []
  for block in try Golden.blocks().reversed() {
    let header = try BlockHeader.read(block)
    if header.first == Position(1) { journals.append([]) }
    try BlockDecoder.forEachRecord(in: block, header) { stored in
      let request = stored.requestDigest.map { ExportedRequest(digest: Array($0), answer: nil) }
      journals[journals.count - 1].append(
        RecordJSON.line(
          stored.record, secret: nil, isWithheld: stored.record.hasSecret, request: request))
    }
  }
  return journals
}

private func eventSeeds() throws -> [[UInt8]] {
  try goldenLines().flatMap { $0 }.map { Array($0.utf8) }
}

/// The beginnings of journals, cut where an input ends.
private func historySeeds() throws -> [[UInt8]] {
  try goldenLines().flatMap { lines in
    [4, 8, 16].map { Array(lines.prefix($0).joined(separator: "\n").utf8) }
  }
}
