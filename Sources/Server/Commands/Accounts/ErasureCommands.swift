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
    handler: erase),
  CommandSpec(
    "FORGET", [.username()], "Forgets somebody for ever, as ERASE does, when they ask an operator.",
    access: .admin, rate: .operate, errors: [.noAuth, .denied, .notFound, .gone, .busy],
    handler: forget),
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
  await invocation.unsubscribeAll()
  try await finishErasing(caller, after: answer.position, invocation)
  return Response(answer)
}

/// By an admin: without the person's password, and in their name, for it is their account that
/// ends. Who gave the order is in the log.
private func forget(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let operatorID = try invocation.caller.user
  let user = try service.userID(arguments.username())
  guard user != .system, user != operatorID else {
    throw Rejection(.denied, "the account of an operator stays")
  }
  service.log("FORGET by user:\(operatorID): user:\(user)")
  try await service.leaveGroups(of: user)
  let answer = try await service.user(user).perform(.erase, by: user)
  try await finishErasing(user, after: answer.position, invocation)
  return Response(.ok, after: answer.position)
}

/// When the erasure is durable and known everywhere: connections, key, groups.
private func finishErasing(
  _ user: UserID, after position: Position, _ invocation: Invocation
) async throws {
  await invocation.endOtherSessions(of: user, after: position) { _ in true }
  try await invocation.service.engine.archivist.destroyKey(of: user)
  // Whoever was adding them to a group at that moment has done so by now.
  try? await invocation.service.leaveGroups(of: user)
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
