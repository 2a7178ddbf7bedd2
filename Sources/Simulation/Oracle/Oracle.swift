import Domain
import Wire

/// Judges replies by the model at every position at which they can have been made.
///
/// A reply is made between two positions: `low`, durable when its request arrived (and the newest
/// own write), and `high`, durable when its bytes left. It may show nothing that held at none of
/// them: less would break read-your-writes, more would be something that a crash can take back.
struct Oracle {
  let history: History

  /// A write, or a read that is one value. Throws what is wrong with it.
  func check(
    _ call: Call, _ reply: Reply, by me: NaiveModel.Viewer, isFirst: Bool = true, from low: UInt64,
    through high: UInt64
  ) throws {
    let reply = reply.canonical.withoutUses
    if case .page(let list) = call {
      return try check(list, reply, by: me, isFirst: isFirst, from: low, through: high)
    }
    let models = history.models(from: low, through: high)
    var answers: [Reply] = []
    for model in models.reversed() {
      let answer = Self.expected(call, reply, by: me, model).withoutUses
      if answer == reply { return try checkRecorded(call, reply, by: me, through: high) }
      if !answers.contains(answer) { answers.append(answer) }
    }
    if Self.isMixture(reply, of: answers) { return }
    if Self.isLateCount(call, reply, answers, models) { return }
    if Self.isLateRefusal(call, reply, answers) { return }
    let events = history.records[Int(max(1, low) - 1)..<Int(high)].map {
      "  \($0.position) by \(history.newest.name($0.actor.raw)), \($0.entity): \($0.event)"
    }
    throw Violation(
      """
      \(call.words.joined(separator: " ")) by \(me.id.map { history.newest.name($0) } ?? "nobody") \
      was answered, between positions \(low) and \(high), with
        \(reply)
      but could only be
        \(answers.map { "\($0)" }.joined(separator: "\n  or "))
      The events from the one to the other:
      \(events.joined(separator: "\n"))
      """)
  }

  static func expected(
    _ call: Call, _ reply: Reply, by me: NaiveModel.Viewer, _ model: NaiveModel
  ) -> Reply {
    if isInboxReading(call), reply.refusal == nil, let me = me.id {
      // Counted a little later than it was read, when more may have come.
      return .count(model.unreadCount(me))
    }
    if call.isWrite {
      var copy = model
      return copy.execute(
        call, by: me, answered: reply, at: model.position, time: 0
      ).canonical
    }
    guard case .reply(let answer) = model.answer(call, by: me, at: 0) else {
      return .null
    }
    return answer.canonical
  }

  /// An id that was answered is in the journal, durable when the reply left.
  private func checkRecorded(
    _ call: Call, _ reply: Reply, by me: NaiveModel.Viewer, through high: UInt64
  ) throws {
    guard reply.refusal == nil, call.isWrite else { return }
    let model = history.models[Int(high)]
    let id = (reply.textValue ?? reply["id"]?.textValue).flatMap { UInt64($0) } ?? 0
    let isThere =
      switch call {
      case .signUp(let name, _): model.people[id]?.name == name
      case .post(.write): model.posts[id]?.author == me.id
      case .chat(.open): model.chats[id] != nil
      case .chat(.say(let chat, let text, _, _)):
        model.chats[chat]?.messages.contains { $0.id == id && $0.text == text } ?? false
      case .chat(.message(_, let text)):
        model.chats.values.contains { chat in
          chat.messages.contains { $0.id == id && $0.text == text }
        }
      case .authenticate, .present, .relate, .post, .own, .chat, .moderate, .read, .page,
        .inPlaceOf:
        true
      }
    guard isThere else {
      throw Violation("\(call.words) was answered \(reply), which is not durable at \(high)")
    }
  }

  // MARK: Pages

  /// One page; only of the first is it known where it begins.
  private func check(
    _ list: Call.List, _ reply: Reply, by me: NaiveModel.Viewer, isFirst: Bool, from low: UInt64,
    through high: UInt64
  ) throws {
    let candidates = Candidates(list, by: me, history.models(from: low, through: high))
    guard let items = reply["items"]?.elements else {
      guard candidates.refusals.contains(reply) else {
        throw Violation("\(list.words) was refused with \(reply) between \(low) and \(high)")
      }
      return
    }
    try candidates.check(items, title: "\(list.words) from \(low) through \(high)", me.id)
    guard isFirst else { return }
    try candidates.checkNothingMissing(
      items, isEnd: reply["end"] == .integer(1), title: "\(list.words) from \(low) through \(high)")
  }
}
