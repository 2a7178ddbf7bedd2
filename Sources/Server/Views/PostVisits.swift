import Domain
import Engine
import Entities
import Projections

extension Service {
  /// What `read` finds in each of these posts, in their order; nil also for those that do not
  /// exist. It is told the position that this depends on.
  ///
  /// One turn on each shard that has some of them. There the posts that share the shard's executor
  /// are read in place; any other is called.
  func visitPosts<Value: Sendable>(
    _ ids: [PostID],
    _ read: @Sendable (_ index: Int, _ state: inout PostState, _ position: Position) -> Value?
  ) async -> [Value?] {
    guard engine.partitions.count > 1 else {
      return await visitPosts(
        ids, on: engine.partitions[0], in: engine.shards[0].directory, read)
    }
    var places = [[Int]](repeating: [], count: engine.partitions.count)
    for (place, id) in ids.enumerated() {
      places[engine.sharding.shard(of: .post(id)).raw].append(place)
    }
    var found = [Value?](repeating: nil, count: ids.count)
    for (shard, places) in places.enumerated() where !places.isEmpty {
      let values = await visitPosts(
        places.map { ids[$0] }, on: engine.partitions[shard],
        in: engine.shards[shard].directory
      ) { read(places[$0], &$1, $2) }
      for (place, value) in zip(places, values) { found[place] = value }
    }
    return found
  }

  private func visitPosts<Value: Sendable>(
    _ ids: [PostID], on partition: isolated ProjectionPartition, in directory: Directory,
    _ read: @Sendable (_ index: Int, _ state: inout PostState, _ position: Position) -> Value?
  ) async -> [Value?] {
    var found: [Value?] = []
    found.reserveCapacity(ids.count)
    for (index, id) in ids.enumerated() {
      let isVisited = directory.visit(id, on: partition.executor) { state, position in
        found.append(read(index, &state, position))
      }
      if isVisited { continue }
      found.append(await directory.posts[id]?.look { read(index, &$0, $1) } ?? nil)
    }
    return found
  }
}
