import Domain
import Entities
import Wire

/// Pictures and films, which lie elsewhere.
let mediaCommands: [CommandSpec] = [
  CommandSpec(
    "MEDIA ADD",
    [
      .word("kind", MediaKind.allCases.map { String(describing: $0) }), .text("url"),
      .text("alt").after("ALT"),
    ],
    "Notes where a picture or film lies, for posts and messages; answers its id.", access: .write,
    rate: .like, mutates: true, errors: [.noAuth, .denied], handler: addMedia)
]

/// An empty `ALT` is none.
private func addMedia(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let caller = try invocation.caller.user
  let kind =
    MediaKind.allCases.first { String(describing: $0) == arguments.text("kind") } ?? .image
  var fields: [Secret.Field: String] = [.link: arguments.text("url") ?? ""]
  if let alt = arguments.text("alt"), !alt.isEmpty { fields[.alt] = alt }
  let secret = Secret(fields)
  let ids = service.shard(of: .user(caller)).ids
  return Response(
    try await invocation.perform(
      .addMedia(MediaID(ids.next()), kind, secret: secret), on: service.user(caller)))
}

extension ArgumentSpec {
  /// `MEDIA <id> …`, of a post or a message.
  static let media = ArgumentSpec.id("media").after("MEDIA")
    .manyValues(max: MediaReference.mediaMax)
}
