import Domain
import Entities
import Journal
import Wire

/// What `chats` and `chat:<id>` tell: to each viewer what happened while they took part, in which
/// messages are as HISTORY would show them now.
extension LivePayload {
  /// One message for all who are told: it is made once, however many these are.
  static func chat(
    _ record: Record, on channel: Channel, for viewers: [Viewpoint], _ service: Service
  ) async -> LiveNews {
    guard case .chat(let event) = record.event, case .chat(let id) = record.entity,
      let chat = try? service.chat(id)
    else { return .none(for: viewers) }
    let position = record.position
    let users = Set(viewers.compactMap(\.user))
    let told = await chat.read { state in
      users.filter { state.tookPart($0, at: position) && event.concerns($0, in: state) }
    }.value
    guard !told.isEmpty, let details = await details(of: event, record, in: chat, id, service)
    else { return .none(for: viewers) }
    let message = LiveMessage(
      channel: channel.name, payload: encode(details.event, at: position, details.fields),
      at: position)
    return LiveNews(
      messages: viewers.map { viewer in
        viewer.user.map(told.contains) ?? false ? message : nil
      })
  }

  private static func details(
    of event: ChatEvent, _ record: Record, in chat: EntityActor<ChatState>, _ id: ChatID,
    _ service: Service
  ) async -> Details? {
    let fields = [("chat", Reply.id(id.raw)), ("by", .text(service.name(record.actor)))]
    switch event {
    case .opened:
      return ("chat", fields)
    case .added(let users):
      return ("members", fields + change("added", users, service))
    case .removed(let user):
      return ("members", fields + change("removed", [user], service))
    case .left:
      return ("members", fields + change("left", [record.actor], service))
    case .roleChanged(let user, let isAdmin):
      let role = ("role", Reply.text(isAdmin ? "admin" : "member"))
      return ("members", fields + change("role", [user], service) + [role])
    case .titled:
      guard let title = try? service.reply(.title, at: record.position) else { return nil }
      return ("title", fields + [("title", title)])
    case .said(let message, _, _):
      guard let shown = await said(message, in: chat, id, service) else { return nil }
      return ("message", [fields[0], ("message", shown)])
    case .unsaid(let message):
      return ("unsaid", fields + [("id", .id(message.raw))])
    case .read(let through):
      // How far those read who have left is nobody's business but theirs.
      let actor = record.actor
      guard await chat.read({ $0.tookPart(actor, at: record.position) }).value else { return nil }
      return ("read", fields + [("read", .id(through.raw))])
    }
  }

  private static func change(
    _ change: String, _ users: [UserID], _ service: Service
  ) -> [(String, Reply)] {
    [("change", .text(change)), ("members", .array(users.map { .text(service.name($0)) }))]
  }

  /// As it is now: when a subscription resumes, a message may have been taken back since. That is
  /// believed once it is durable.
  private static func said(
    _ id: MessageID, in chat: EntityActor<ChatState>, _ chatID: ChatID, _ service: Service
  ) async -> Reply? {
    let durable = service.journal.durable
    let reading = await chat.read { state -> MessageReading? in
      guard let index = state.index(of: id) else { return nil }
      let isUnsaid = state.unsaid[id].map { $0 <= durable } ?? false
      return MessageReading(state.messages[index], isUnsaid: isUnsaid)
    }.value
    return reading.flatMap { try? service.reply($0, in: chatID) }
  }
}

extension ChatEvent {
  /// Whether it is about what one who took part may see.
  fileprivate func concerns(_ user: UserID, in state: ChatState) -> Bool {
    switch self {
    case .unsaid(let message): state.isVisible(message, to: user)
    case .opened, .added, .removed, .left, .roleChanged, .titled, .said, .read: true
    }
  }

  /// Who may be notified of an invitation.
  var invited: [UserID] {
    switch self {
    case .opened(isDirect: false, let members), .added(let members): members
    case .opened, .left, .said, .read, .removed, .roleChanged, .titled, .unsaid: []
    }
  }
}
