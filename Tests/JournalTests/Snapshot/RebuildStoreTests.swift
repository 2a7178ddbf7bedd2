import Domain
import Journal
import Testing

struct RebuildStoreTests {
  private func write(_ store: RebuildStore, _ name: String, position: UInt64) throws {
    let writer = try store.begin(
      name,
      SnapshotHeader(
        position: Position(position), fingerprint: [1], created: Instant(ms: 5)))
    try writer.finish()
  }

  private func position(_ path: String) throws -> UInt64 {
    try SnapshotReader(path).header.position.raw
  }

  @Test func `what rebuilds keep is there under its name when it is whole, and not before`() throws
  {
    let directory = TemporaryDirectory()
    let store = RebuildStore(directory: directory.path)
    #expect(try store.names() == [] && !store.contains("building-home"))
    try store.remove("building-home")
    let writer = try store.begin(
      "building-home",
      SnapshotHeader(position: Position(1), fingerprint: [1], created: Instant(ms: 5)))
    #expect(try store.names() == [])
    try writer.finish()
    _ = try store.begin(
      "building-inbox",
      SnapshotHeader(position: Position(1), fingerprint: [1], created: Instant(ms: 5)))
    #expect(store.contains("building-inbox.writing"))
    try store.prune()
    #expect(!store.contains("building-inbox.writing"))
    #expect(try store.names() == ["building-home"])
    try write(store, "building-home", position: 2)
    #expect(try position(store.path("building-home")) == 2)
    try store.remove("building-home")
    #expect(try store.names() == [])
  }

  @Test func `a snapshot that is kept outlives its removal, and can be put back`() throws {
    let directory = TemporaryDirectory()
    let store = RebuildStore(directory: directory.path)
    let snapshots = try SnapshotStore(directory: directory.path)
    for position in [7, 9] as [UInt64] {
      let header = SnapshotHeader(
        position: Position(position), fingerprint: [1], created: Instant(ms: 5))
      try snapshots.begin(header).finish()
    }
    let item = try snapshots.list()[1]
    #expect(item.path == snapshots.path(of: Position(7)))
    try store.keep(item.path, as: "snapshot-7")
    try store.keep(item.path, as: "snapshot-7")
    try snapshots.remove(item)
    #expect(try snapshots.list().map(\.position.raw) == [9])
    try store.exchange("snapshot-7", with: snapshots.path(of: Position(7)))
    #expect(try snapshots.list().map(\.position.raw) == [9, 7])
    #expect(try store.names() == [])
  }

  @Test func `what is exchanged is there on both sides`() throws {
    let directory = TemporaryDirectory()
    let store = RebuildStore(directory: directory.path)
    try write(store, "old", position: 1)
    try write(store, "new", position: 2)
    try store.exchange("old", with: store.path("new"))
    #expect(try position(store.path("new")) == 1)
    #expect(try position(store.path("old")) == 2)
  }
}
