import Domain
import Entities
import Projections
import Wire

let profileCommands: [CommandSpec] = [
  CommandSpec(
    "PROFILE", [.username()], "Shows a person's profile.", access: .publicRead, rate: .read,
    errors: [.noAuth, .notFound, .gone], handler: showProfile),
  CommandSpec(
    "PROFILE SET",
    [.word("field", ["name", "bio", "avatar", "email", "private", "messages"]), .text("value")],
    """
    Changes a field of the own profile: name, bio, avatar, email (shown in EXPORT only), \
    private on|off, messages everyone|following|none.
    """,
    access: .write, rate: .post, mutates: true, errors: [.noAuth, .denied],
    handler: setProfile),
  CommandSpec(
    "VERIFY", [.username(), .word("state", ["on", "off"])],
    "Says whether an account is who it says; its profile shows that.", access: .admin,
    rate: .operate, mutates: true, errors: [.noAuth, .denied, .notFound, .gone]
  ) { invocation, arguments in
    let service = invocation.service
    let user = try service.user(service.userID(arguments.username()))
    return Response(
      try await invocation.perform(.verify(arguments.text("state") == "on"), on: user))
  },
]

private func showProfile(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let viewer = invocation.identity?.user
  let id = try await service.userID(arguments.username(), shownTo: viewer)
  let user = try service.user(id)
  let profile = await user.read { state in
    ProfileFacts(state: state)
  }
  guard profile.value.isSignedUp else { throw Rejection.noSuchUser }
  if let viewer, viewer != id {
    let relation = await service.relation(of: viewer, to: id)
    if relation.blockedBy { throw Rejection.noSuchUser }
  }
  let followers = await service.models(of: .user(id)).read { models in
    models.followersCount(of: id)
  }
  let pinned = await service.pins(profile.value.pins, of: id, seenBy: viewer)
  let texts = profile.value.texts
  return Response(
    .map([
      "id": .id(id.raw), "username": .text(service.name(id)),
      "name": try service.reply(.name, at: texts.name),
      "bio": try service.reply(.bio, at: texts.bio),
      "avatar": try service.reply(.avatar, at: texts.avatar),
      "verified": .flag(profile.value.isVerified), "private": .flag(profile.value.isPrivate),
      "messages": .text(String(describing: profile.value.messages)),
      "created_at": .time(profile.value.created), "followers": .integer(Int64(followers)),
      "following": .integer(Int64(profile.value.following)),
      "posts": .integer(Int64(profile.value.posts)),
      "pinned": .array(pinned.posts.map { .id($0.raw) }),
    ]), after: max(profile.position, pinned.position))
}

/// What a profile shows of a person's state.
private struct ProfileFacts: Sendable {
  var isSignedUp: Bool
  var isVerified: Bool
  var texts: TextPositions
  var isPrivate: Bool
  var messages: MessagePolicy
  var created: Instant
  var following: Int
  var posts: Int
  var pins: ContiguousArray<PostID>

  init(state: borrowing UserState) {
    isSignedUp = state.isSignedUp
    isVerified = state.own.isVerified
    texts = state.own.texts
    isPrivate = state.own.isPrivate
    messages = state.own.messages
    created = state.own.created
    following = state.followingCount
    posts = state.observed.posts + state.observed.replies
    pins = state.own.extras.value.pins
  }
}

extension Service {
  /// A sealed text for a reply: null where there is none.
  func reply(_ field: Secret.Field, at position: Position) throws -> Reply {
    try text(field, at: position).map { .text($0) } ?? .null
  }
}

private func setProfile(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let value = arguments.text("value") ?? ""
  let user = try invocation.service.user(invocation.caller.user)
  let command = try profileChange(arguments.text("field"), to: value)
  return Response(try await invocation.perform(command, on: user))
}

private func profileChange(
  _ field: String?, to value: String
) throws(Rejection) -> UserCommand {
  switch field {
  case "name":
    .changeProfile(isPrivate: nil, messages: nil, secret: Secret([.name: value]))
  case "bio":
    .changeProfile(isPrivate: nil, messages: nil, secret: Secret([.bio: value]))
  case "avatar":
    .changeProfile(isPrivate: nil, messages: nil, secret: Secret([.avatar: value]))
  case "email":
    .changeProfile(isPrivate: nil, messages: nil, secret: Secret([.email: value]))
  case "private":
    .changeProfile(isPrivate: try onOrOff(value), messages: nil, secret: nil)
  default:
    .changeProfile(isPrivate: nil, messages: try messagePolicy(value), secret: nil)
  }
}

private func onOrOff(_ value: String) throws(Rejection) -> Bool {
  switch value.lowercased() {
  case "on", "1": return true
  case "off", "0": return false
  default: throw Rejection(.invalid, "private is on or off")
  }
}

private func messagePolicy(_ value: String) throws(Rejection) -> MessagePolicy {
  for policy in MessagePolicy.allCases where String(describing: policy) == value.lowercased() {
    return policy
  }
  throw Rejection(.invalid, "messages is everyone, following or none")
}
