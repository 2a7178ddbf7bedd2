import Domain
import Entities
import Journal
import Testing

@testable import Engine
@testable import Server

struct ServerOperationsTests {
  private func operations(
    _ world: TestWorld, _ store: SnapshotStore, on thread: ThreadExecutor
  ) -> ServerOperations {
    ServerOperations(
      engine: world.engine, store: store, options: RoostServer.Options(directory: store.data),
      current: world.service.current, background: thread, verification: nil, onShutdown: {},
      log: { _ in })
  }

  @Test func `the snapshot at the end waits for the one that is under way`() async throws {
    let world = try await TestWorld()
    let folder = try Folder()
    let store = try SnapshotStore(directory: folder.path)
    let thread = ThreadExecutor(name: "end")
    defer { thread.stop() }
    let operations = operations(world, store, on: thread)
    _ = await world.person("ada")
    let inspector = world.engine.inspector
    #expect(await inspector.beginSnapshot())
    let ending = Task { try await operations.snapshotIfBehind() }
    for _ in 0..<100 { await Task.yield() }
    #expect(try store.list() == [])
    await inspector.endSnapshot()
    try await ending.value
    #expect(try store.list().map(\.position) == [world.journal.durable])
  }

  @Test func `no snapshot is taken at the end where the one under way has everything`()
    async throws
  {
    let world = try await TestWorld()
    let folder = try Folder()
    let store = try SnapshotStore(directory: folder.path)
    let thread = ThreadExecutor(name: "end")
    defer { thread.stop() }
    let operations = operations(world, store, on: thread)
    _ = await world.person("ada")
    _ = try await world.engine.inspector.takeSnapshot(into: store, at: world.clock.now)
    world.clock.advance(ms: 1)
    let before = try SnapshotReader(store.list()[0].path).header.created
    try await operations.snapshotIfBehind()
    #expect(try SnapshotReader(store.list()[0].path).header.created == before)
  }
}
