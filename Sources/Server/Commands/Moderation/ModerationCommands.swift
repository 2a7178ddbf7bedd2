import Domain
import Engine
import Entities
import Projections
import Wire

/// What people report to the moderators, and what these do.
let moderationCommands: [CommandSpec] = [
  CommandSpec(
    "REPORT", [.text("target"), .text("reason")],
    "Reports a post, by its id, or a person, by username, to the moderators; answers an id.",
    access: .write, rate: .post, mutates: true, errors: [.noAuth, .denied, .notFound, .gone],
    handler: report),
  CommandSpec(
    "REPORTS", ArgumentSpec.page, "Lists the open reports, newest first.", access: .moderator,
    rate: .read, errors: [.noAuth, .denied], handler: showReports),
  CommandSpec(
    "REPORTS CLOSE", [.id("report")], "Ends a report that was dealt with.", access: .moderator,
    rate: .operate, mutates: true, errors: [.noAuth, .denied, .notFound], handler: close),
  CommandSpec(
    "MODERATE",
    [
      .id(), .word("action", ["review", "remove", "restore"]), .text("reason").after("REASON"),
    ],
    "Hides a post until it is looked at, removes it, or shows it again.", access: .moderator,
    rate: .operate, mutates: true, errors: [.noAuth, .denied, .notFound, .gone],
    handler: moderate),
]

private func report(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let (person, post) = try await service.reported(
    arguments.text("target") ?? "", by: caller)
  let secret = Secret([.text: arguments.text("reason") ?? ""])
  let ids = service.shard(of: .user(caller)).ids
  return Response(
    try await invocation.perform(
      .report(.make(ReportID(ids.next()), person, post, secret: secret)),
      on: service.user(caller)))
}

extension Service {
  /// Whom a report is about, and which post of theirs. A word of digits is an id; with `@` in front
  /// it is a username. NOTFOUND for what the reporter may not see.
  fileprivate func reported(
    _ target: String, by reporter: UserID
  ) async throws -> (UserID, PostID?) {
    if let id = PostID(text: target) {
      let post = try await visiblePost(id, viewer: reporter)
      return (post.facts.author, id)
    }
    guard let username = Username(argument: target) else {
      throw Rejection(.invalid, "REPORT takes the id of a post or a username")
    }
    let person = try await userID(username, shownTo: reporter)
    if await relation(of: reporter, to: person, since: .zero).blockedBy {
      throw Rejection.noSuchUser
    }
    return (person, nil)
  }
}

private func showReports(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let request = try PageRequest(arguments, of: .reports)
  let reports = await service.engine.partitions[0].read {
    $0.reports.page(before: request.before, limit: request.count + 1)
  }
  let found = reports.map { KeyedItem(pageKey: $0.pageKey, item: $0) }
  return Response(
    try request.reply(found) { report in
      .map([
        "id": .id(report.id.raw), "reporter": .text(service.name(report.reporter)),
        "username": .text(service.name(report.user)), "post": .id(report.post?.raw),
        "reason": try service.reply(.text, at: report.position),
        "created_at": .time(report.time),
      ])
    })
}

private func close(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let id = ReportID(arguments.id("report") ?? 0)
  let report = await service.engine.partitions[0].read { $0.reports.report(id) }
  guard let report else { throw Rejection.noSuchReport }
  return Response(
    try await invocation.perform(.report(.close(id)), on: service.user(report.reporter)))
}

private func moderate(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let post = try await service.visiblePost(
    PostID(arguments.id() ?? 0), viewer: invocation.caller.user, asModerator: true)
  let secret = arguments.text("reason").map { Secret([.text: $0]) }
  let moderation: Moderation =
    switch arguments.text("action") {
    case "review": .underReview
    case "remove": .removed
    default: .none
    }
  return Response(
    try await invocation.perform(.moderate(moderation, secret: secret), on: service.post(post.id)))
}
