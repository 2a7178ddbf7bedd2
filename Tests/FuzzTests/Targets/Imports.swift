import Domain

@testable import Engine
@testable import Journal

extension FuzzTarget {
  /// The files of an import and of a restore that hold lines: who follows whom, what they did,
  /// texts, erasures. Compressed or not they say the same; what is accepted says the same when it
  /// is written again.
  static let imports = FuzzTarget(
    name: "imports", bytesMax: 2_048, allocationMiBMax: 2,
    words: [
      " RT", " MT", " RE", "\n", "\r\n", "\t", "0", "18446744073709551615", "253402300799",
      "user:", "\u{1f}\u{8b}\u{8}",
    ].map { Array($0.utf8) } + [[0x1F, 0x8B, 0x08, 0x00]],
    seeds: { importSeeds() },
    run: { input in
      var source = ByteSource(input)
      let kind = source.byte()
      let content = Array(source.rest)
      let outcome = read(content, kind)
      if kind & 0x80 != 0 {
        // What begins like it is unpacked already.
        guard !content.starts(with: [0x1F, 0x8B]) else { return }
        let packed = read(gzip(content), kind)
        hold(packed == outcome, "compressed it says \(packed) instead of \(outcome)")
      }
      if case .accepted(let text) = outcome {
        let again = read(Array(text.utf8), kind)
        hold(again == outcome, "\(outcome) is read again as \(again)")
      }
    })
}

/// What a file says, written in one form; or why it is refused.
private enum ImportOutcome: Equatable {
  case accepted(String)
  case refused(String)
}

private func read(_ content: [UInt8], _ kind: UInt8) -> ImportOutcome {
  ScratchFile.shared.fill(content)
  let path = ScratchFile.shared.path
  do {
    switch kind & 3 {
    case 0:
      let plan = try ImportPlan(ImportFiles(follows: path), report: nil)
      check(plan)
      return .accepted(
        plan.follows.map {
          "\(plan.people[Int($0.follower)]) \(plan.people[Int($0.followed)]) 1\n"
        }.joined())
    case 1:
      var lines = try LineReader(path: path)
      var text = ""
      while let line = try lines.next() {
        let activity = try ActivityLine(line, lines)
        text +=
          "\(activity.actor) \(activity.other) \(activity.seconds) \(activity.kind.rawValue)\n"
      }
      return .accepted(text)
    case 2:
      return .accepted(
        try Erasures.read(path).map { Erasures.line($0) + "\n" }.joined())
    default:
      // Those that can be posted, again and again.
      var texts = try ImportTexts(path: path)
      return .accepted((0..<8).map { _ in texts.plain() + "\n" }.joined())
    }
  } catch {
    return .refused("\(error)")
  }
}

private func check(_ plan: ImportPlan) {
  for (index, number) in plan.people.enumerated() {
    hold(index == 0 || plan.people[index - 1] < number, "people are not in order")
    hold(plan.index(of: number) == index, "\(number) has another place")
  }
}

/// The file format of RFC 1952 around a content that is not made smaller.
private func gzip(_ content: [UInt8]) -> [UInt8] {
  var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  let count = UInt16(content.count)
  // One block, the last, stored as it is.
  file += [1, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8(~count >> 8)]
  file += content
  return file + littleEndianBytes(crc32Checksum(content))
    + littleEndianBytes(UInt32(content.count))
}

private func importSeeds() -> [[UInt8]] {
  let files: [(UInt8, String)] = [
    (0, "1 2 1\n2 3 1\n07 1 5\n"), (0, "10 20 1\r\n\t20  10 1"),
    (1, "1 2 1341100972 RT\n2 3 1341100973 MT\n3 1 1341100974 RE\n"),
    (2, "user:17\nuser:18 4711\n\n"), (3, "I heard it.\nIs this #true?\n日本 👩‍👩‍👧‍👦\n"),
  ]
  return files.flatMap { kind, text in
    let content = Array(text.utf8)
    return [[kind] + content, [kind | 0x80] + content, [kind] + gzip(content)]
  }
}
