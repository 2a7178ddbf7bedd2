import Foundation
import Wire

@testable import Server

/// A message of a channel, taken apart.
struct LiveEvent {
  let channel: String
  let event: String
  let at: UInt64
  let fields: [String: Any]

  /// Nil for what is no message.
  init?(_ reply: Reply) {
    let parts = reply.elements
    if parts.count == 3, parts[0].string == "message" {
      self.init(channel: parts[1].string ?? "", json: parts[2].string ?? "")
      return
    }
    guard case .text(let line) = reply, let object = Self.object(line),
      let message = object["message"] as? [String: Any],
      let channel = message["channel"] as? String,
      let fields = message["event"] as? [String: Any]
    else { return nil }
    self.init(channel: channel, fields: fields)
  }

  init?(channel: String, json: String) {
    guard let fields = Self.object(json) else { return nil }
    self.init(channel: channel, fields: fields)
  }

  private init?(channel: String, fields: [String: Any]) {
    guard let event = fields["event"] as? String, let at = fields["at"] as? NSNumber else {
      return nil
    }
    self.channel = channel
    self.event = event
    self.at = at.uint64Value
    self.fields = fields
  }

  private static func object(_ text: String) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
  }

  /// A field, or `outer.inner`, as text; nil for null and what is not there.
  subscript(path: String) -> String? {
    var value: Any? = fields
    for part in path.split(separator: ".") {
      value = (value as? [String: Any])?[String(part)]
    }
    switch value {
    case let text as String: return text
    case let number as NSNumber: return number.stringValue
    default: return nil
    }
  }

  /// The event with the post that it is about.
  var summary: String { [event, self["post.id"] ?? self["id"] ?? ""].joined(separator: " ") }
}

extension TestConnection {
  /// The messages that have come by now; replies are passed over.
  func events() -> [LiveEvent] { pending().compactMap { LiveEvent($0) } }

  /// The next message; replies before it are passed over. Nil once the connection is closed.
  func nextEvent() async -> LiveEvent? {
    while true {
      let reply = await next()
      if reply == .null { return nil }
      if let event = LiveEvent(reply) { return event }
    }
  }
}
