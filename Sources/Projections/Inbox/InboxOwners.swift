package import Domain

/// Calls `body` with everyone whose inbox an event may change though it does not concern their
/// entity, perhaps twice: whom posts answer, quote or mention, and who comes into and out of chats.
///
/// Together with the events that concern a person, the votes that they cast and the ends of the
/// polls that they voted in, this is all that their inbox is folded from.
package func forEachInboxOwner(of record: Record, _ body: (UserID) -> Void) {
  switch record.event {
  case .post(.published(let facts)), .post(.released(let facts)), .post(.deleted(let facts)),
    .post(.moderated(let facts, _, _)):
    if let reply = facts.reply { body(reply.parentAuthor) }
    if let quote = facts.quote { body(quote.author) }
  // Mentions are recipients.
  case .post(.edited(_, let revision)):
    for user in revision.addedMentions + revision.removedMentions { body(user) }
  case .chat(.opened(_, let members)), .chat(.added(let members)):
    for member in members { body(member) }
  case .chat(.left): body(record.actor)
  case .chat(.removed(let member)): body(member)
  case .post(.liked), .post(.unliked), .post(.shared), .post(.unshared), .post(.drafted),
    .post(.redrafted), .post(.discarded), .post(.reacted), .post(.unreacted), .post(.voted),
    .post(.pollClosed), .post(.viewed), .chat(.said), .chat(.read), .chat(.roleChanged),
    .chat(.titled), .chat(.unsaid), .user, .tag:
    break
  }
}
