import Domain
import Glibc

@testable import Journal

extension FuzzTarget {
  /// The files of a backup, their hashes and checksums made right: a manifest that is accepted is
  /// written again as one that says the same; keys and items are read or refused, however they are
  /// cut into frames.
  static let backups = FuzzTarget(
    name: "backups", bytesMax: 4_096, allocationMiBMax: 4,
    words: [
      "\"segments\":[", "\"keys\":null", "\"keys\":{", "\"erased\":[", "\"peaks\":[",
      "\"position\":", "\"first\":", "\"last\":", "\"file\":", "18446744073709551615", "null",
    ].map { Array($0.utf8) } + [[0x81, 0x58], [0x82, 0x58, 0x1C]],
    seeds: { try backupSeeds() },
    run: { input in
      var source = ByteSource(input)
      switch source.byte() % 3 {
      case 0: checkManifest(Array(source.rest))
      case 1: checkFrames(&source) { readItems($0) }
      default: checkFrames(&source) { readKeys($0) }
      }
    })
}

private let scratch: ScratchDirectory = {
  do {
    let directory = try ScratchDirectory()
    atexit { scratch.remove() }
    return directory
  } catch {
    fatalError("no directory in memory: \(error)")
  }
}()

private func fill(_ name: String, _ bytes: [UInt8]) {
  do { try scratch.write(bytes, to: name) } catch { fatalError("\(name): \(error)") }
}

private func checkManifest(_ line: [UInt8]) {
  let end = Array("\n\(hexadecimal(blake2b256(line)))\n".utf8)
  fill(BackupFormat.manifestName, line + end)
  guard let manifest = try? BackupManifest.read(scratch.path) else { return }
  fill(BackupFormat.manifestName, Array(manifest.text.utf8))
  do {
    let again = try BackupManifest.read(scratch.path)
    hold(again == manifest, "\(manifest) is read back as \(again)")
  } catch {
    fatalError("\(manifest) is not read back: \(error)")
  }
}

/// What is read must be the same in one frame and in several.
private func checkFrames(_ source: inout ByteSource, _ read: ([[UInt8]]) -> [[UInt8]]?) {
  if source.bool() {
    _ = read([Array(source.rest)])
    return
  }
  var frames: [[UInt8]] = []
  while !source.rest.isEmpty, frames.count < 8 { frames.append(Array(source.bytes())) }
  guard let items = read(frames) else { return }
  hold(read([frames.flatMap { $0 }]) == items, "in one frame it has other items")
}

/// A file of these frames, and its hash.
private func write(_ frames: [[UInt8]], _ magic: [UInt8], to name: String) -> [UInt8] {
  let file =
    frames.filter { !$0.isEmpty }.reduce(magic) { $0 + FrameHead.frame(of: $1) } + FrameHead.end
  fill(name, file)
  return blake2b256(file)
}

private func readItems(_ frames: [[UInt8]]) -> [[UInt8]]? {
  let name = BackupFormat.segmentName(Position(1))
  let hash = write(frames, BackupFormat.segmentMagic, to: name)
  var items: [[UInt8]] = []
  do {
    let reader = try BackupFrameReader(
      directory: scratch.path, name: name, magic: BackupFormat.segmentMagic)
    try reader.forEachItem { decoder throws(JournalError) in
      switch try BackupItem.read(&decoder, reader) {
      case .block(let block): items.append(block)
      case .request(let key, let value):
        items += [key, value]
        _ = try? RequestCodec.decode(value, key: key)
      }
    }
    try reader.finish(expecting: hash)
    return items
  } catch {
    return nil
  }
}

private func readKeys(_ frames: [[UInt8]]) -> [[UInt8]]? {
  var keys = BackupManifest.Keys(generation: 1, count: 0, bytes: 0, fileHash: [])
  keys.fileHash = write(frames, BackupFormat.keysMagic, to: keys.name)
  var items: [[UInt8]] = []
  do {
    try keys.forEach(in: scratch.path) { user, key in
      items += [bigEndianBytes(user.raw), key]
      keys.count += 1
    }
  } catch {
    // The count is not known before the end.
    return keys.count > 0 && "\(error)".contains("does not have all its keys") ? items : nil
  }
  return items
}

private func backupSeeds() throws -> [[UInt8]] {
  guard let root = TreeHash(Array(repeating: 9, count: TreeHash.length)) else { return [] }
  var manifest = BackupManifest(created: Instant(ms: 1_000), taken: Instant(ms: 2_000))
  let empty = [0] + Array(manifest.text.utf8.prefix { $0 != 0x0A })
  manifest.identity = root
  for first in [1, 101] as [UInt64] {
    manifest.segments.append(
      BackupManifest.Segment(
        first: Position(first), last: Position(first + 99), time: Instant(ms: 5_000),
        chain: Array(repeating: 3, count: 32), root: root, bytes: 4_711,
        fileHash: Array(repeating: 4, count: 32)))
  }
  manifest.tree = MountainRange(size: 200, peaks: [root, root, root]) ?? MountainRange()
  manifest.keys = BackupManifest.Keys(
    generation: 3, count: 2, bytes: 99, fileHash: Array(repeating: 5, count: 32))
  manifest.erasures = [
    Erasure(user: UserID(17), position: Position(44)), Erasure(user: UserID(18), position: nil),
  ]
  let full = [0] + Array(manifest.text.utf8.prefix { $0 != 0x0A })
  var items = CBOREncoder()
  items.array(2)
  items.bytes(Array(repeating: 9, count: RequestCodec.keyBytes))
  items.bytes([1, 2, 3, 4, 5])
  var keys = CBOREncoder()
  keys.array(2)
  keys.uint(17)
  keys.bytes(Array(repeating: 8, count: Sealer.keyBytes))
  var block = CBOREncoder()
  block.array(1)
  block.bytes(try Golden.blocks().min { $0.count < $1.count } ?? [])
  return [
    empty, full, [1, 1] + block.bytes + items.bytes, [2, 1] + keys.bytes,
    [1, 0] + framed(block.bytes) + framed(items.bytes),
    [2, 0] + framed(keys.bytes) + framed(keys.bytes),
  ]
}

private func framed(_ bytes: [UInt8]) -> [UInt8] {
  [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
}
