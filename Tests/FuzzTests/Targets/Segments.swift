import Domain

@testable import Engine
@testable import Journal

extension FuzzTarget {
  /// A segment of the history index, its checksums made right: what is read is written again as one
  /// that is read as the same, each term is found by itself, and merging changes nothing.
  static let segments = FuzzTarget(
    name: "segments", bytesMax: 2_048, allocationMiBMax: 2,
    words: [
      [0x88, 0x01], [0x58, 0x20], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x01],
      Array(repeating: 0xFF, count: 9) + [1],
    ],
    seeds: { segmentSeeds() },
    run: { input in
      var source = ByteSource(input)
      if source.bool() {
        check(SegmentFile.repaired(Array(source.rest)))
      } else {
        check(SegmentFile.of(&source))
      }
    })
}

private typealias Terms = [(term: [UInt8], offsets: [UInt32])]

private func check(_ bytes: [UInt8]) {
  guard let segment = try? Segment(.memory(bytes)), let terms = read(segment) else { return }
  for (term, offsets) in terms.prefix(4) {
    if let found = try? segment.postings(of: term) { _ = try? found.offsets() }
    hold(!offsets.isEmpty, "a term that finds nothing")
  }
  let isAscending = zip(terms, terms.dropFirst()).allSatisfy {
    $0.term.lexicographicallyPrecedes($1.term)
  }
  guard isAscending, terms.allSatisfy({ isAscendingList($0.offsets) }) else { return }
  var merged: [UInt8] = []
  do {
    try Segment.merge([segment]) { merged += $0 }
    let again = try Segment(.memory(merged))
    let read = read(again) ?? []
    hold(read.map(\.term) == terms.map(\.term), "merged it has other terms")
    hold(read.map(\.offsets) == terms.map(\.offsets), "merged it has other events")
    hold(again.first == segment.first && again.last == segment.last, "merged it is elsewhere")
    for (term, offsets) in terms.prefix(4) {
      hold(try again.postings(of: term)?.offsets() == offsets, "\(term) is not found")
    }
  } catch {
    fatalError("a segment that is read cannot be merged: \(error)")
  }
}

private func isAscendingList(_ offsets: [UInt32]) -> Bool {
  zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
}

private func read(_ segment: Segment) -> Terms? {
  var walk = SegmentTerms(segment)
  var terms: Terms = []
  do {
    while let next = try walk.next() { terms.append(next) }
    return terms
  } catch {
    return nil
  }
}

private enum SegmentFile {
  /// Blocks and directory from an input, the footer made here.
  static func of(_ source: inout ByteSource) -> [UInt8] {
    var block = Array(source.bytes())
    block.appendLittleEndian(crc32Checksum(block))
    let term = Array(source.take(Int(source.byte() % 16)))
    var directory: [UInt8] = []
    directory.appendVarint(UInt64(term.count))
    directory += term
    directory.appendVarint(UInt64(block.count))
    directory += source.rest
    directory.appendLittleEndian(crc32Checksum(directory))
    return file(block, directory)
  }

  private static func file(_ blocks: [UInt8], _ directory: [UInt8]) -> [UInt8] {
    var footer = SegmentFooter(
      first: Position(1), last: Position(4_096), link: Array(repeating: 7, count: 32),
      directory: blocks.count..<(blocks.count + directory.count), terms: 1, postings: 1
    ).bytes
    let count = UInt32(footer.count)
    footer.appendLittleEndian(crc32Checksum(footer))
    footer.appendLittleEndian(count)
    return blocks + directory + footer
  }

  /// A whole file with the checksum of its footer made right; and, where that can be read, those of
  /// its directory and its first block.
  static func repaired(_ file: [UInt8]) -> [UInt8] {
    guard file.count > SegmentFooter.tailBytes else { return file }
    var file = file
    let count = Int(file[file.count - 4]) | Int(file[file.count - 3]) << 8
    let end = file.count - SegmentFooter.tailBytes
    guard count <= end else { return file }
    let bytes = file[(end - count)..<end]
    replaceChecksum(at: end, of: bytes, in: &file)
    guard let footer = try? SegmentFooter(bytes), footer.directory.count >= 4,
      footer.directory.upperBound <= file.count
    else { return file }
    let directory = file[footer.directory.dropLast(4)]
    replaceChecksum(at: footer.directory.upperBound - 4, of: directory, in: &file)
    if footer.directory.lowerBound >= 4 {
      let block = file[..<(footer.directory.lowerBound - 4)]
      replaceChecksum(at: footer.directory.lowerBound - 4, of: block, in: &file)
    }
    return file
  }

  private static func replaceChecksum(
    at index: Int, of bytes: ArraySlice<UInt8>, in file: inout [UInt8]
  ) {
    file.replaceSubrange(index..<(index + 4), with: littleEndianBytes(crc32Checksum(bytes)))
  }
}

private func segmentSeeds() -> [[UInt8]] {
  var file: [UInt8] = []
  var writer = SegmentWriter(first: Position(1))
  let terms: Terms = [
    (HistoryTerm.entity(.user(UserID(17))).bytes, [0, 3, 400]),
    (HistoryTerm.entity(.user(UserID(18))).bytes, [5]),
    (HistoryTerm.type(.postPublished).bytes, [1, 2, 4_095]),
  ]
  do throws(JournalError) {
    for (term, offsets) in terms { try writer.add(term, offsets) { file += $0 } }
    try writer.finish(last: Position(4_096), link: Array(repeating: 7, count: 32)) { file += $0 }
  } catch {
    return []
  }
  return [[1] + file, [0, 0, 12, 0, 2, 1, 2, 3, 3, 0, 5, 7, 2, 1, 9, 2, 1, 1]]
}
