import Domain
import Engine
import Entities

extension Service {
  /// So often at most it is waited for what others did, when somebody goes on writing meanwhile.
  static let settlingsMax = 4

  /// What `read` finds of a person at one position: with all that others did before the person's
  /// newest own event, which may be on its way to the disk still. Waits for that, as the reply
  /// would.
  func readSettled<Value: Sendable>(
    _ user: EntityActor<UserState>, _ read: @Sendable (inout UserState) -> Value
  ) async -> Gated<Value> {
    let fold = shard(of: user.key).fold
    for _ in 1..<Self.settlingsMax {
      let folded = fold.folded
      let found = await user.read(read)
      if found.position <= folded { return found }
      await fold.reach(found.position)
    }
    return await user.read(read)
  }
}
