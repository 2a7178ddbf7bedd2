import Domain
import Wire

/// Clients that are subscribed: what they hear is durable, comes in order and once, and nothing of
/// what concerns them is left out, over as many connections as it takes.
extension Simulation {
  /// One who is nobody and one of the people; not in every run.
  func addListeners(_ names: [String]) {
    guard options.mode == .concurrent, dice.chance(60), !options.calm.contains(.listeners) else {
      return
    }
    let open = ["public"] + Workload.tags.map { "tag:\($0)" }
    add(listener: nil, on: Array(open.prefix(dice.between(1, open.count))))
    add(listener: dice.pick(names), on: ["home", "inbox", "chats", "public"])
  }

  private func add(listener name: String?, on channels: [String]) {
    let client = SimulatedClient(
      number: clients.count, name: name, isFirst: false,
      dialect: dice.pick(SimulatedClient.Dialect.allCases), pipelineMax: 1, script: [])
    client.ear = Ear(channels: channels)
    clients.append(client)
  }

  /// A listener's next move: it subscribes, and goes when nobody is left.
  func listen(_ client: SimulatedClient) {
    guard let link = client.link, client.ear?.isSubscribed == false else {
      if client.link?.mailbox.isEnded == true { return drop(client) }
      client.phase = .done
      return
    }
    client.ear?.isSubscribed = true
    let words = client.ear?.words ?? []
    tell("client \(client.number) (\(client.name ?? "nobody")) asks \(words)")
    let framing = client.framing(&scheduler.generator)
    // In RESP each channel is confirmed by itself, on a line all of them at once.
    if framing == .resp { for _ in words.dropFirst(2) { link.expect() } }
    link.send(words, as: framing, attempt: nil)
  }

  func mayListen(_ client: SimulatedClient) -> Bool {
    guard client.ear?.isSubscribed == true, let link = client.link else { return true }
    if link.mailbox.isEnded { return true }
    return clients.allSatisfy { $0.ear != nil || $0.phase == .done }
  }

  func hear(_ reply: Reply, _ client: SimulatedClient, through durable: UInt64) throws {
    guard let message = try Ear.message(reply) else {
      throw Violation("client \(client.number) is told what is no message: \(reply.plain)")
    }
    tally.pushes += 1
    tell("client \(client.number) hears on \(message.channel): \(message.payload.plain)")
    guard client.ear != nil else {
      throw Violation(
        "client \(client.number) is not subscribed, and hears \(message.payload.plain)")
    }
    try client.ear?.hear(message)
    guard message.at <= durable else {
      throw Violation(
        "\(message.channel) tells of position \(message.at) when \(durable) is durable: "
          + message.payload.plain)
    }
    guard message.event == "post", message.channel == "public" || message.channel.contains("tag:")
    else { return }
    let id = message.payload["post"]?["id"]?.textValue.flatMap { UInt64($0) } ?? 0
    let couldBeSeen = history.models(from: message.at, through: durable).contains { model in
      model.posts[id].map { model.mayList($0, client.user, at: 0) } ?? false
    }
    guard couldBeSeen else {
      throw Violation("\(message.channel) tells \(client.number) of what they may not see: \(id)")
    }
  }

  /// What was published, and could be seen ever since, has been told.
  func checkHeard() throws {
    for client in clients {
      guard let ear = client.ear, client.name == nil || client.user != nil else { continue }
      for record in history.records {
        guard case .post(let id) = record.entity, Self.isPublication(record.event) else { continue }
        for channel in ear.channels where isDue(id.raw, at: record.position.raw, channel, client) {
          guard ear.hasHeard("post", id.raw, at: record.position.raw, on: channel) else {
            throw Violation(
              "client \(client.number) is not told on \(channel) of post \(id.raw), published at "
                + "position \(record.position)")
          }
        }
      }
    }
  }

  private static func isPublication(_ event: Event) -> Bool {
    if case .post(.published) = event { return true }
    if case .post(.released) = event { return true }
    return false
  }

  /// Whether the post belongs there at every position from its publication on.
  private func isDue(
    _ id: UInt64, at position: UInt64, _ channel: String, _ client: SimulatedClient
  ) -> Bool {
    history.models(from: position, through: history.position).allSatisfy { model in
      guard let post = model.posts[id], model.mayList(post, client.user, at: 0) else {
        return false
      }
      if let user = client.user, model.isHidden(post.author, from: user) { return false }
      if channel == "public" {
        return post.facts.visibility == .public && post.facts.parent == nil
      }
      return post.facts.visibility == .public
        && channel.hasPrefix("tag:") && post.facts.tags.contains(String(channel.dropFirst(4)))
    }
  }
}
