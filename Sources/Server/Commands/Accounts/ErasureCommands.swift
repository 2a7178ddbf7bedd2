import Domain
import Engine
import Entities
import Projections
import Wire

let erasureCommands: [CommandSpec] = [
  CommandSpec(
    "ERASE", [.text("password").secret],
    """
    Forgets the caller for ever: their text can't be read any more, anywhere; the username stays \
    taken.
    """,
    access: .write, rate: .login, mutates: true, errors: [.noAuth, .denied, .busy],
    handler: erase)
]

/// Groups that are looked at in one turn of the shard.
private let groupsPerPage = 256

/// The person leaves their groups, is erased, and when that is durable and known everywhere their
/// connections and their key end. The answer says that all of it is done: where the server ends
/// before, the next start does what is missing.
private func erase(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let username = try invocation.caller.username
  let caller = try invocation.caller.user
  let service = invocation.service
  let password = arguments.text("password") ?? ""
  let (fits, position) = try await invocation.fits(password, of: username, caller)
  guard fits else { throw Rejection(.denied, "the password is wrong") }
  try await service.leaveGroups(of: caller)
  let answer = try await invocation.perform(
    .resting(on: .password(position), .erase), on: service.user(caller))
  invocation.connection.isClosing = true
  await invocation.endOtherSessions(of: caller, after: answer.position) { _ in true }
  await invocation.unsubscribeAll()
  try await service.engine.archivist.destroyKey(of: caller)
  // Whoever was adding them to a group at that moment has done so by now.
  try? await service.leaveGroups(of: caller)
  return Response(answer)
}

extension Service {
  /// The person takes part in no group any more; of those where they were the last admin, the
  /// oldest member becomes one.
  fileprivate func leaveGroups(of user: UserID) async throws {
    let asOf = shard(of: .user(user)).fold.folded
    var before = UInt64.max
    while true {
      let from = before
      let page = await models(of: .user(user)).read { models in
        models.chatsPage(of: user, before: from, asOf: asOf, limit: groupsPerPage)
      }
      for entry in page {
        guard let chat = try? chat(entry.item.chat),
          await chat.read({ !$0.isDirect && $0.isMember(user) }).value
        else { continue }
        _ = try await chat.perform(.leave, by: user)
      }
      guard page.count == groupsPerPage, let last = page.last else { return }
      before = last.pageKey
    }
  }
}
