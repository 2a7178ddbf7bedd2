import Domain
import Engine

extension Invocation {
  /// Ends at once those other connections of a person that `ends` picks, and, when what was decided
  /// at `position` is known on every shard, those that began meanwhile with what ended there.
  func endOtherSessions(
    of user: UserID, after position: Position, where ends: (Identity) -> Bool
  ) async {
    for (other, identity) in service.sessions.all(of: user)
    where other.id != connection.id && ends(identity) {
      await other.kill()
    }
    await service.reached(position)
    for (other, identity) in service.sessions.all(of: user)
    where other.id != connection.id && !identity.isValid(in: service) {
      await other.kill()
    }
  }
}
