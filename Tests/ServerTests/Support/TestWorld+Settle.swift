import Engine
import Entities
import Projections

@testable import Server

extension TestWorld {
  /// Returns when all that can be done without the disk or the clock has been done.
  func settle() async {
    for _ in 0..<200 {
      for partition in engine.partitions { _ = await partition.read { $0.position } }
    }
  }

  var subscriptionsCount: Int {
    get async {
      var count = 0
      for shard in engine.shards {
        count += await service.live.hub(of: shard.index).subscriptionsCount
      }
      return count
    }
  }
}
