import Domain
import Engine
import Entities
import Journal
import Server
import Wire

extension Simulation {
  var oracle: Oracle { Oracle(history: history) }

  func playConcurrently() throws {
    repeat {
      while clients.contains(where: { $0.phase != .done }) {
        guard try step() else {
          throw Violation("everybody waits for what never comes: \(waiting)")
        }
        if crashes < weights.crashesMax, scheduler.generator.below(crashOdds) == 0 { try crash() }
      }
      // Here too a commit may fail, and a listener may have to come back.
      try settle()
    } while clients.contains { $0.phase != .done }
    for client in clients where !client.isIdle {
      throw Violation("client \(client.number) waits for a reply that never comes")
    }
    try checkEffects()
    try checkHeard()
    try checkRevoked()
  }

  /// About how many steps it takes until a crash is due.
  private var crashOdds: Int { max(200, options.calls * 100) }

  /// Who waits for what.
  private var waiting: String {
    let journal = server.journal
    let folded = server.engine.shards.map { "\($0.fold.folded)" }
    let stuck = clients.filter { $0.phase != .done }.map { client in
      let calls = client.link?.pending.map { $0.attempt.map { attempts[$0].words } ?? ["HELLO"] }
      return "client \(client.number), \(client.phase), for \(calls ?? [])"
    }
    return "journal \(journal.enqueued) \(journal.durable), folded \(folded); \(stuck)"
  }

  /// Marked writes: answered ones are there once, refused ones not, others at most once.
  private func checkEffects() throws {
    for attempt in attempts {
      guard let mark = attempt.call.mark else { continue }
      let count = history.count(of: mark)
      let isRight =
        switch attempt.state {
        case .answered: count == 1
        case .refused: count == 0
        case .unknown, .waiting: count <= 1
        }
      guard isRight else {
        throw Violation("\(attempt.words), \(attempt.state), is in the journal \(count) times")
      }
    }
  }
}
