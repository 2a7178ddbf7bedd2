import Domain
import Entities
import Projections
import Wire

/// What is told but not journaled: who types, who comes and goes. Its `at` is the position up to
/// which the channel has been told everything, so that a subscription can resume there.
extension LiveHub {
  /// False when too much is on its way.
  func whisper(_ typing: Typing) -> Bool {
    defer { pump() }
    return channels.isEmpty || whispers.add(typing)
  }

  func whisper(_ people: [UserID]) {
    guard !presenceOwners.isEmpty else { return }
    for user in people { whispers.add(user) }
    pump()
  }

  func tellWhispers(_ service: Service) async {
    let (typing, people) = whispers.take()
    for one in typing { tell(one, service) }
    for user in people { await tellPresence(of: user, service) }
  }

  private func tell(_ typing: Typing, _ service: Service) {
    let payload = LivePayload.encode(
      "typing", at: position,
      [
        ("chat", .id(typing.chat.raw)), ("username", .text(service.name(typing.user))),
        ("until", .time(typing.until)),
      ])
    let members = Set(typing.members)
    for channel in [.chat(typing.chat)] + typing.members.map({ Channel.chats($0) }) {
      guard let listeners = channels[channel] else { continue }
      let message = LiveMessage(channel: channel.name, payload: payload, at: nil)
      for listener in listeners.all where listener.isLive {
        if let user = listener.viewpoint.user, members.contains(user) { listener.push(message) }
      }
    }
  }

  private func tellPresence(of user: UserID, _ service: Service) async {
    let owners = presenceOwners
    guard let first = owners.first else { return }
    let friends = await service.models(of: .user(first)).read {
      $0.isErased(user) ? [] : $0.friends(of: user, among: owners)
    }
    guard !friends.isEmpty else { return }
    let fields = service.reply(service.presence.toldStatus(of: user), of: service.name(user))
    let payload = LivePayload.encode("presence", at: position, fields)
    let message = LiveMessage(
      channel: Channel.presence(user).name, payload: payload, at: nil)
    for friend in friends {
      for listener in channels[.presence(friend)]?.all ?? [] where listener.isLive {
        listener.push(message)
      }
    }
  }
}

extension Service {
  func reply(_ status: PresenceStatus, of name: String) -> [(String, Reply)] {
    [
      ("username", .text(name)), ("status", .text(status.isOnline ? "online" : "offline")),
      ("last_seen", .time(status.lastSeen)),
    ]
  }
}
