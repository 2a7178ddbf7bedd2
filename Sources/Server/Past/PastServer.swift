import Domain
package import Engine
import Entities
package import Journal
package import Wire

/// Answers reading commands as a server would have at moments of the past: by the one table of
/// commands, on an engine that stands there.
///
/// What a server knows besides its journal is not there: who was connected, who typed, what was
/// used up of limits. Commands that show such things, or change anything, are refused.
package final class PastServer: Sendable {
  /// Who asks, and what.
  package struct Question: Sendable {
    /// Nil: somebody who is not logged in.
    package var viewer: String?
    package var words: [Argument]

    package init(as viewer: String?, _ words: [Argument]) {
      self.viewer = viewer
      self.words = words
    }
  }

  private let past: PastEngine
  private let service: Service
  private let session: Session
  private let thread: ThreadExecutor

  private init(past: PastEngine, service: Service, session: Session, thread: ThreadExecutor) {
    self.past = past
    self.service = service
    self.session = session
    self.thread = thread
  }

  /// A server as of `moment`, on a thread of its own; `stop` ends that.
  package static func start(
    _ reader: JournalReader, at moment: PastMoment, usesSnapshots: Bool = true
  ) async throws -> PastServer {
    let thread = ThreadExecutor(name: "past")
    let executors = PastExecutors(thread: thread)
    do {
      let past = try await PastEngine.start(
        reader, at: moment, on: executors, usesSnapshots: usesSnapshots)
      let service = Service(
        engine: past.engine, settings: Settings(),
        live: LiveHubs(sharding: past.engine.sharding, executors: [executors]),
        passwords: NoPasswords(), operations: NoOperations(),
        log: { _ in })
      let session = Session(
        connection: connection(at: moment.clock), service: service, gate: ReplyGate(),
        output: NoOutput(), executor: thread)
      return PastServer(past: past, service: service, session: session, thread: thread)
    } catch {
      thread.stop()
      throw error
    }
  }

  /// Goes on to a moment that is not before the one where it stands.
  package func advance(to moment: PastMoment) async throws { try await past.advance(to: moment) }

  /// What the person would have been answered.
  package func answer(_ question: Question) async -> Reply {
    do {
      let identity = try question.viewer.map(identity)
      try check(question.words[...])
      var connection = Self.connection(at: service.clock.now)
      connection.identity = identity
      // What is written for it can be read back without loss.
      connection.version = .three
      var invocation = Invocation(
        service: service, connection: connection, session: session, framing: .resp,
        readPosition: service.journal.durable)
      let request = Request(arguments: question.words, framing: .line)
      let response = await service.table.execute(request, &invocation)
      return Self.reply(of: response)
    } catch {
      return .error(code: error.code.rawValue, message: error.message)
    }
  }

  /// Ends the thread; from outside it, once.
  package func stop() { thread.stop() }

  /// The rights of one who has logged in with a password.
  private func identity(_ name: String) throws(Rejection) -> Identity {
    let id = try service.userID(Username(name))
    guard let username = service.engine.names.name(of: id) else { throw .noSuchUser }
    return Identity(user: id, username: username, scope: id == .system ? .admin : .write)
  }

  private func check(_ words: ArraySlice<Argument>) throws(Rejection) {
    guard let command = service.table.find(words)?.row.command else { return }
    guard !command.isMutation, command.rateClass == .read else {
      throw Rejection(
        .readOnly, "the past is only read: \(command.name) is no command that only reads")
    }
    guard command.name != "PRESENCE" else {
      throw Rejection(.readOnly, "who was connected is in no journal")
    }
  }

  private static func reply(of response: Response) -> Reply {
    if let written = response.written {
      var parser = ReplyParser()
      parser.append(written)
      guard let reply = try? parser.next() else { preconditionFailure("a reply reads") }
      return reply
    }
    var shown = Reply.null
    response.forEachReply(framed: .line) { shown = $0 }
    return shown
  }

  private static func connection(at moment: Instant) -> ConnectionState {
    ConnectionState(id: 0, peer: "the past", opened: moment)
  }
}

/// One thread for everything.
private struct PastExecutors: ExecutorSource {
  let thread: ThreadExecutor
  func executor() -> any SerialExecutor & TaskExecutor { thread }
}

/// Nobody logs in to the past.
private struct NoPasswords: PasswordHasher {
  func hash(_ password: String) async throws(Rejection) -> String { throw .nobodyLogsIn }
  func verify(_ password: String, against hash: String?) async throws(Rejection) -> Bool {
    throw .nobodyLogsIn
  }
}

extension Rejection {
  fileprivate static let nobodyLogsIn = Rejection(.readOnly, "nobody logs in to the past")
}

private struct NoOperations: Operations {
  func snapshot() async throws -> Position { throw Rejection.nobodyLogsIn }
  func digests() async throws -> (position: Position, named: [(name: String, digest: String)]) {
    throw Rejection.nobodyLogsIn
  }
  func verifyJournal() async throws -> (position: Position, findings: [Finding]) {
    throw Rejection.nobodyLogsIn
  }
  var parameters: [Parameter] { [] }
  func shutdown() {}
  func info() -> [(section: String, lines: [(String, String)])] { [] }
}

/// The replies are taken before they would be sent.
private final class NoOutput: SessionOutput {
  var isFull: Bool { false }
  var waitingBytes: Int { 0 }
  func send(_ bytes: [UInt8]) {}
  func finish() {}
  func setReading(_ isReading: Bool) {}
}
