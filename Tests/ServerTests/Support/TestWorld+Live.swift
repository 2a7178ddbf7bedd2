import Domain
import Engine
import Entities
import Journal
import Testing

@testable import Server

extension TestWorld {
  /// Returns when everything is durable, folded everywhere and told.
  func rest() async {
    await engine.reached(journal.enqueued)
    for shard in engine.shards {
      let hub = service.live.hub(of: shard.index)
      while await hub.isTelling { await Task.yield() }
    }
    await settle()
  }

  func user(_ name: String) throws -> UserID {
    try #require(Username(name).flatMap { engine.names.id(of: $0) })
  }

  /// What no command does yet, or only the system may.
  @discardableResult
  func act(_ command: PostCommand, on post: String?, by user: UserID) async throws -> Position {
    let id = try #require(post.flatMap { PostID(text: $0) })
    return try await service.post(id).perform(command, by: user).position
  }

  /// A connection that follows channels, beginning now.
  func listener(
    as name: String? = nil, _ dialect: Dialect = .two, to channels: String...
  ) async -> TestConnection {
    let connection = await connect(dialect)
    if let name {
      let reply = await connection("AUTH", name, TestWorld.password)
      precondition(reply.code == nil, "\(reply)")
    }
    if channels.isEmpty { return connection }
    await connection.send(["SUBSCRIBE"] + channels)
    // A plain line gets one line; and nothing is pushed before all is confirmed.
    for _ in 0..<(dialect == .line ? 1 : channels.count) {
      let reply = await connection.next()
      precondition(reply.code == nil, "\(channels): \(reply)")
    }
    return connection
  }
}
