import Domain
import Entities
import Wire

/// Chats.
let chatCommands: [CommandSpec] = [
  CommandSpec(
    "CHAT NEW", [.username().repeated, .text("title").after("TITLE")],
    "Opens a chat; two people without a title share one for ever.", access: .write,
    rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound, .gone], handler: newChat),
  CommandSpec(
    "CHAT ADD", [.id("chat"), .username()], "Adds somebody to a group chat, as its admin.",
    access: .write, rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound, .gone],
    handler: addMember),
  CommandSpec(
    "CHAT REMOVE", [.id("chat"), .username()],
    "Removes somebody from a group chat, as its admin; oneself is leaving.", access: .write,
    rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound], handler: removeMember),
  CommandSpec(
    "CHAT ROLE", [.id("chat"), .username(), .word("role", ["admin", "member"])],
    "Makes a member of a group chat an admin, or an admin a member, as its admin.",
    access: .write, rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound, .gone],
    handler: setRole),
  CommandSpec(
    "CHAT TITLE", [.id("chat"), .text("title").optional],
    "Gives a group chat a title, as its admin; without one, takes it away.", access: .write,
    rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    let secret = arguments.text("title").map { Secret([.title: $0]) }
    return Response(try await invocation.perform(.setTitle(secret), on: chat))
  },
  CommandSpec(
    "CHAT LEAVE", [.id("chat")], "Leaves a group chat.", access: .write, rate: .message,
    mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    return Response(try await invocation.perform(.leave, on: chat))
  },
  CommandSpec(
    "CHAT INFO", [.id("chat")], "Shows a chat's members, their roles and their read marks.",
    access: .read, rate: .read, errors: [.noAuth, .notFound], handler: showChat),
  CommandSpec(
    "SAY", [.id("chat"), .text("text"), .id("message").after("REPLY"), .media],
    "Says something in a chat.", access: .write, rate: .message, mutates: true,
    errors: [.noAuth, .denied, .notFound, .gone, .busy]
  ) { invocation, arguments in
    try await say(
      &invocation, in: ChatID(arguments.id("chat") ?? 0), arguments.text("text") ?? "",
      reply: arguments.id("message").map { MessageID($0) }, media: arguments.ids("media"))
  },
  CommandSpec(
    "UNSAY", [.id("chat"), .id("message")],
    "Takes a message back, as its author or as an admin of the group; its place stays.",
    access: .write, rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    let message = MessageID(arguments.id("message") ?? 0)
    return Response(try await invocation.perform(.unsay(message), on: chat))
  },
  CommandSpec(
    "DM", [.username(), .text("text")], "Says something to somebody in the direct chat.",
    access: .write, rate: .message, mutates: true,
    errors: [.noAuth, .denied, .notFound, .gone, .busy]
  ) { invocation, arguments in
    let other = try await invocation.service.userID(
      arguments.username(), shownTo: invocation.caller.user)
    let text = arguments.text("text") ?? ""
    try validatePostText(text)
    // The key belongs to what is said; opening the chat may be repeated without harm.
    let key = invocation.requestKey
    invocation.requestKey = nil
    let (chat, _) = try await openDirectChat(&invocation, with: other)
    invocation.requestKey = key
    return try await say(&invocation, in: chat, text, reply: nil, media: [])
  },
  CommandSpec(
    "CHATS", ArgumentSpec.page, "Lists the own chats by their last message, with unread counts.",
    access: .read, rate: .read, errors: [.noAuth], handler: listChats),
  CommandSpec(
    "HISTORY", [.id("chat")] + ArgumentSpec.page, "Lists a chat's messages, newest first.",
    access: .read, rate: .read, errors: [.noAuth, .notFound], handler: showHistory),
  CommandSpec(
    "READ", [.id("chat"), .id("message")], "Marks a chat as read up to a message.",
    access: .write, rate: .message, mutates: true, errors: [.noAuth, .denied, .notFound]
  ) { invocation, arguments in
    let chat = try invocation.service.chat(ChatID(arguments.id("chat") ?? 0))
    return Response(
      try await invocation.perform(
        .read(through: MessageID(arguments.id("message") ?? 0)), on: chat))
  },
]
