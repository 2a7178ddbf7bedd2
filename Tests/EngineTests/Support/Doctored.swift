import Domain
import Engine
import Journal
import Testing

/// Rewrites the newest snapshot of a directory, entry by entry: what `change` returns nil for is
/// left out. The file is whole and its hash fits; only what it says is wrong.
func doctorSnapshot(
  _ directory: String,
  _ change: (_ section: String, _ key: [UInt8], _ value: [UInt8]) -> (key: [UInt8], value: [UInt8])?
) throws {
  let store = try SnapshotStore(directory: directory)
  let reader = try SnapshotReader(store.list()[0].path)
  let writer = try store.begin(reader.header)
  while let section = try reader.nextSection() {
    try writer.beginSection(section)
    while let (key, value) = try reader.nextEntry() {
      if let changed = change(section.name, key, value) {
        try writer.entry(changed.key, changed.value)
      }
    }
  }
  try writer.finish()
}

/// Leaves out the first ring of the home projection from the newest snapshot.
func loseRing(of directory: String) throws {
  var isLost = false
  try doctorSnapshot(directory) { section, key, value in
    // Row numbers are keys of rings; other keys are of other kinds.
    if section == "projections.home", key[0] < 0x20, !isLost {
      isLost = true
      return nil
    }
    return (key, value)
  }
  #expect(isLost)
}

/// A closed town whose newest snapshot lacks somebody's ring.
func makeTownWithoutRing(seed: UInt64, steps: Int) async throws -> TemporaryDirectory {
  let directory = TemporaryDirectory()
  let town = try await Town.open(directory.path)
  var people = Townspeople(town, seed: seed)
  await people.live(steps)
  await town.settle()
  _ = try await town.snapshot()
  await town.close()
  try loseRing(of: directory.path)
  return directory
}

/// The digests of a directory that a town has open, by folding a copy of it from its beginning.
func refoldedCopy(_ directory: String) throws -> StateDigests {
  let copy = TemporaryDirectory()
  for name in ["journal", "keys"] { copyTree(directory + "/" + name, to: copy.file(name)) }
  return try refoldDigests(copy.path)
}

/// One record after the other, each saved.
let everyStep = Rebuilder.Pace(stepRecords: 1, saveEveryMs: 0, tailRecordsMax: 1)
