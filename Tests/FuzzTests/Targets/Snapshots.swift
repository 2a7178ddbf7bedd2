import Domain

@testable import Engine
@testable import Journal

extension FuzzTarget {
  /// A snapshot's file, its hash and the checksums of its frames made right: however its content is
  /// cut into frames, it says the same; what its guide says is read or refused, and so is any place
  /// in it.
  static let snapshots = FuzzTarget(
    name: "snapshots", bytesMax: 6_144, allocationMiBMax: 4,
    words: snapshotWords, seeds: { try snapshotSeeds() }, run: checkSnapshot)
}

private let snapshotWords: [[UInt8]] =
  [[0x85, 0x00, 0x01], [0x84, 0x01], [0x83, 0x02], [0x82, 0x03], [0x83, 0x04], [0x83, 0x05]]
  + ["sections", "places entities.users", "tokens", "agenda", "authors", "journal", "ROOSTSNP"]
  .map { Array($0.utf8) }

private func snapshotSeeds() throws -> [[UInt8]] {
  var seeds: [[UInt8]] = []
  for file in try Golden.snapshots() {
    seeds.append([0, 0, 0, 0] + file)
    seeds.append([1, 0, 0, 0] + file)
    seeds.append([2, 0, 0, 64, 0, 0] + SnapshotContent(file: file).items)
  }
  return seeds
}

@Sendable private func checkSnapshot(_ input: [UInt8]) {
  var source = ByteSource(input)
  let kind = source.byte() % 3
  let frame = UInt64(source.byte())
  let place = SnapshotPlace(raw: frame << 20 | UInt64(source.number(UInt16.self)))
  switch kind {
  case 0: readFile(Array(source.rest), place)
  case 1: readFile(SnapshotContent.repaired(Array(source.rest)), place)
  default:
    var cuts = Cuts(&source)
    let guide = Int(source.byte())
    let content = SnapshotContent(items: Array(source.rest))
    let shortest = content.items.count / SnapshotContent.framesMax + 1
    let whole = readAll(content.file(guideAt: guide) { content.items.count })
    let cut = readAll(content.file(guideAt: guide) { max(shortest, cuts.next()) })
    readGuide(ScratchFile.shared.path, place)
    hold(cut == whole, "cut into other frames it has other entries")
  }
}

private func readFile(_ file: [UInt8], _ place: SnapshotPlace) {
  _ = readAll(file)
  readGuide(ScratchFile.shared.path, place)
}

/// What a snapshot holds; nil if it is refused.
private func readAll(_ file: [UInt8]) -> [[UInt8]]? {
  ScratchFile.shared.fill(file)
  let path = ScratchFile.shared.path
  do {
    let reader = try SnapshotReader(path)
    var items = [reader.header.fingerprint]
    while let section = try reader.nextSection() {
      items.append(Array(section.name.utf8))
      while let (key, value) = try reader.nextEntry() { items += [key, value] }
    }
    return items
  } catch {
    return nil
  }
}

private func readGuide(_ path: String, _ place: SnapshotPlace) {
  do {
    if let lookup = try? SnapshotLookup(path) { _ = try? lookup.entry(at: place) }
    guard let guide = try SnapshotGuide(of: path) else { return }
    _ = try? GuideParts(guide)
    let reader = try SnapshotReader(path, isVerified: true)
    for part in SnapshotPart.all {
      _ = guide.placesEstimate(ofSection: part.name)
      guard reader.leap(toSection: part.name, by: guide) else { continue }
      _ = try? reader.nextSection()
      while (try? reader.nextEntry()) ?? nil != nil {}
    }
  } catch {
    return
  }
}

/// What is in the frames of a snapshot's file.
struct SnapshotContent {
  /// Into which it is cut here: each takes longer to make than to read.
  static let framesMax = 8

  let items: [UInt8]

  init(items: [UInt8]) { self.items = items }

  /// Of all frames up to the empty one.
  init(file: [UInt8]) {
    var items: [UInt8] = []
    Self.forEachFrame(of: file) { frame in
      let head = FrameHead(Array(file[frame.prefix(FrameHead.bytes)]))
      items += head.content(of: Array(file[frame.dropFirst(FrameHead.bytes)])) ?? []
    }
    self.items = items
  }

  /// Cut where `next` says, with the guide in the frame of this number; 0 for none.
  func file(guideAt guide: Int, _ next: () -> Int) -> [UInt8] {
    var file = SnapshotFormat.magic
    var rest = items[...]
    var frames = 0
    var offset = 0
    while !rest.isEmpty {
      let piece = rest.prefix(max(1, next()))
      rest = rest.dropFirst(piece.count)
      frames += 1
      if frames == guide { offset = file.count }
      file += FrameHead.frame(of: Array(piece))
    }
    file += littleEndianBytes(UInt32(0)) + littleEndianBytes(UInt32(offset))
    return Self.hashed(file + littleEndianBytes(UInt32(0)))
  }

  /// With the right checksums of its frames, and the right hash at its end.
  static func repaired(_ file: [UInt8]) -> [UInt8] {
    var repaired = file
    forEachFrame(of: file) { frame in
      let compressed = file[frame.dropFirst(FrameHead.bytes)]
      repaired.replaceSubrange(
        (frame.lowerBound + 8)..<(frame.lowerBound + 12),
        with: littleEndianBytes(crc32Checksum(compressed)))
    }
    guard repaired.count >= BLAKE2b.length else { return repaired }
    return hashed(repaired.dropLast(BLAKE2b.length))
  }

  private static func hashed(_ file: some Collection<UInt8>) -> [UInt8] {
    let hash = BLAKE2b()
    hash.update(Array(file))
    return Array(file) + hash.finish()
  }

  private static func forEachFrame(of file: [UInt8], _ body: (Range<Int>) -> Void) {
    var start = SnapshotFormat.magic.count
    while start + FrameHead.bytes <= file.count {
      let head = FrameHead(Array(file[start..<(start + FrameHead.bytes)]))
      let end = start + FrameHead.bytes + head.compressedBytes
      guard !head.isEnd, end <= file.count else { return }
      body(start..<end)
      start = end
    }
  }
}
