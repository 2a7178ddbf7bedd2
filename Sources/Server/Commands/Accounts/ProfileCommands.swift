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
    [
      .word("field", ProfileField.allCases.map(\.rawValue)), .text("value"),
      .text("field-value").optional.repeated,
    ],
    """
    Changes fields of the own profile, all at once: name, bio, avatar, email (shown in EXPORT \
    only), private on|off, messages everyone|following|none.
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
  let profile = await service.readSettled(user) { ProfileFacts(state: $0) }
  guard profile.value.isSignedUp else { throw Rejection.noSuchUser }
  if let viewer, viewer != id {
    let relation = await service.relation(of: viewer, to: id, since: profile.position)
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

private enum ProfileField: String, CaseIterable {
  case name, bio, avatar, email, `private`, messages
}

private func setProfile(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let words =
    [arguments.text("field") ?? "", arguments.text("value") ?? ""]
    + arguments.texts("field-value")
  let command = try profileChange(words)
  let user = try invocation.service.user(invocation.caller.user)
  return Response(try await invocation.perform(command, on: user))
}

/// `words` are fields and values in turn.
private func profileChange(_ words: [String]) throws(Rejection) -> UserCommand {
  guard words.count.isMultiple(of: 2) else {
    throw Rejection(.invalid, "a field needs a value")
  }
  var texts: [Secret.Field: String] = [:]
  var isPrivate: Bool?
  var messages: MessagePolicy?
  var changed: Set<ProfileField> = []
  for index in stride(from: 0, to: words.count, by: 2) {
    let value = words[index + 1]
    guard let field = ProfileField(rawValue: words[index].lowercased()) else {
      let names = ProfileField.allCases.map(\.rawValue).joined(separator: ", ")
      throw Rejection(.invalid, "field is one of \(names)")
    }
    guard changed.insert(field).inserted else {
      throw Rejection(.invalid, "\(field.rawValue) is given twice")
    }
    switch field {
    case .name: texts[.name] = value
    case .bio: texts[.bio] = value
    case .avatar: texts[.avatar] = value
    case .email: texts[.email] = value
    case .private: isPrivate = try onOrOff(value)
    case .messages: messages = try messagePolicy(value)
    }
  }
  return .changeProfile(
    isPrivate: isPrivate, messages: messages, secret: texts.isEmpty ? nil : Secret(texts))
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
