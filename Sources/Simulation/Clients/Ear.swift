import Wire

/// What a client that is subscribed has heard.
struct Ear {
  /// In the words of SUBSCRIBE.
  let channels: [String]
  /// Of each channel, the newest position heard of: from there it is resumed.
  private(set) var heard: [String: UInt64] = [:]
  /// Position and event, as one word, of each message.
  private(set) var messages: [String: Set<String>] = [:]
  /// What the server said that it did not tell, by channel.
  private(set) var gaps: [String: [ClosedRange<UInt64>]] = [:]
  /// Whether SUBSCRIBE is under way or answered on this connection.
  var isSubscribed = false

  init(channels: [String]) { self.channels = channels }

  /// From the beginning, or from where each channel was left.
  var words: [String] { ["SUBSCRIBE"] + channels.map { "\($0)@\(heard[$0] ?? 0)" } }

  struct Message {
    var channel: String
    var event: String
    var at: UInt64
    var payload: Reply
  }

  /// The message, if it is one: `["message", channel, payload]` or a map of that name.
  static func message(_ reply: Reply) throws -> Message? {
    var parts: (channel: String, payload: Reply)?
    switch reply {
    case .push(let elements), .array(let elements):
      if elements.count == 3, elements[0] == .text("message"), let channel = elements[1].textValue,
        let text = elements[2].textValue
      {
        var json = JSONReader(Array(text.utf8)[...])
        parts = (channel, try json.whole())
      }
    case .map(let map):
      if case .map(let message)? = map["message"], let channel = message["channel"]?.textValue,
        let event = message["event"]
      {
        parts = (channel, event)
      }
    case .ok, .simple, .text, .verbatim, .bytes, .integer, .double, .boolean, .null, .nullArray,
      .message, .error:
      break
    }
    guard let (channel, payload) = parts else { return nil }
    guard let event = payload["event"]?.textValue, let at = payload["at"]?.integerValue else {
      throw Violation("a message without event and position: \(reply.plain)")
    }
    return Message(channel: channel, event: event, at: UInt64(at), payload: payload)
  }

  /// Throws if it comes late or twice.
  mutating func hear(_ message: Message) throws {
    let newest = heard[message.channel] ?? 0
    guard message.at >= newest else {
      throw Violation(
        "\(message.channel): \(message.event) at \(message.at) comes after one at \(newest)")
    }
    heard[message.channel] = message.at
    if message.event == "gap" {
      let after = UInt64(message.payload["after"]?.integerValue ?? 0)
      gaps[message.channel, default: []].append(min(after + 1, message.at)...message.at)
      return
    }
    let id = message.payload["id"]?.textValue ?? message.payload["post"]?["id"]?.textValue ?? ""
    let isNew = messages[message.channel, default: []].insert(
      "\(message.event) \(id) at \(message.at)"
    ).inserted
    // Things that are not journaled come at the position of something else.
    guard isNew || message.event == "typing" || message.event == "presence" else {
      throw Violation("\(message.channel): \(message.payload.plain) comes twice")
    }
  }

  func hasHeard(_ event: String, _ id: UInt64, at position: UInt64, on channel: String) -> Bool {
    messages[channel]?.contains("\(event) \(id) at \(position)") ?? false
      || gaps[channel]?.contains { $0.contains(position) } ?? false
  }
}
