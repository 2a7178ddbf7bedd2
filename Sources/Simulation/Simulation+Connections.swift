/// How connections end before their time.
extension Simulation {
  /// Servers learn of a client that has gone when its system says so; sometimes never.
  func cut(_ client: SimulatedClient) throws {
    guard let link = client.link else { return }
    tally.cuts += 1
    scheduler.trace.note(.cut, client.number)
    if !client.isHalfClosed, client.ear == nil, scheduler.generator.chance(30) {
      // Sends no more, and still reads what comes.
      tell("client \(client.number) closes its half of the connection")
      client.isHalfClosed = true
      link.finishSending(on: scheduler)
      return
    }
    // Some of what is on its way arrives still: half a request, half a reply.
    if link.canDeliver, scheduler.generator.chance(50) {
      link.deliver(scheduler.generator.between(1, link.outgoing.count), on: scheduler)
    }
    if scheduler.generator.chance(40) {
      tell("client \(client.number) is gone, and the server does not notice")
      halfOpen.append(link)
    } else {
      tell("the connection of client \(client.number) is cut")
      server.disconnect(link)
    }
    lose(client)
  }

  /// The system gives up on a connection whose client has gone.
  func noticeHalfOpen() {
    let link = halfOpen.remove(at: scheduler.generator.below(halfOpen.count))
    scheduler.trace.note(.notice)
    server.disconnect(link)
  }
}
