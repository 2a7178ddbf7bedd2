import Server
import Wire

/// Sends back what comes, within the callback.
final class DirectEcho: ConnectionDelegate {
  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    connection.withOutput { out in
      for index in bytes.indices { out.append(bytes[index]) }
    }
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}

/// Notes what happens to it.
final class Recorder: ConnectionDelegate {
  let events: Shared<[String]>

  init(_ events: Shared<[String]>) { self.events = events }

  private func note(_ event: String) {
    events.change { $0.append(event) }
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    note("received \(bytes.count)")
  }

  func connectionReceivedAll(_ connection: Connection) { note("received all") }
  func connectionDrained(_ connection: Connection) { note("drained") }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    note("closed \(reason)")
  }
}

/// Lives on a loop; entered from callbacks without a hop, and counts its calls to another actor.
actor EchoActor {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe loop.asUnownedSerialExecutor()
  }
  private let counter: CounterActor
  private var parser = RequestParser(limits: .authenticated)

  init(loop: EventLoop, counter: CounterActor) {
    self.loop = loop
    self.counter = counter
  }

  func received(_ bytes: [UInt8]) -> [Request] {
    parser.append(bytes)
    var found: [Request] = []
    while let request = try? parser.next() { found.append(request) }
    return found
  }

  func answer(_ request: Request, to connection: Connection) async {
    let count = await counter.next()
    connection.withOutput { out in
      let reply = Reply.array(
        [.integer(Int64(count))] + request.arguments.map { .text($0.text ?? "") })
      ReplyWriter.write(reply, framing: .resp, version: .two, into: &out)
    }
  }
}

actor CounterActor {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe loop.asUnownedSerialExecutor()
  }
  private var count = 0
  private(set) var strays = 0

  init(loop: EventLoop) { self.loop = loop }

  func next() -> Int {
    if !loop.isOnThread { strays += 1 }
    count += 1
    return count
  }
}

/// Hands each request to an actor in a task of its own that starts on the connection's loop.
final class ActorEcho: ConnectionDelegate {
  let echo: EchoActor

  init(loop: EventLoop, counter: CounterActor) {
    echo = EchoActor(loop: loop, counter: counter)
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    var copy: [UInt8] = []
    for index in bytes.indices { copy.append(bytes[index]) }
    let echo = self.echo
    let found = echo.assumeIsolated { [copy] in $0.received(copy) }
    for request in found {
      Task(executorPreference: connection.loop) { await echo.answer(request, to: connection) }
    }
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}

/// Answers PING as Redis does; for measuring.
final class PingServer: ConnectionDelegate {
  private var parser = RequestParser(limits: .authenticated)

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    parser.append(bytes)
    do throws(WireError) {
      while let request = try parser.next() {
        let isPing = request.arguments[0].isWord("PING")
        connection.withOutput { out in
          ReplyWriter.write(
            isPing ? .simple("PONG") : .error(code: "ERR", message: "unknown command"),
            framing: request.framing, version: .two, into: &out)
        }
      }
    } catch {
      connection.withOutput { out in
        ReplyWriter.write(error.reply, framing: .resp, version: .two, into: &out)
      }
      connection.close(afterFlush: true)
    }
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}
