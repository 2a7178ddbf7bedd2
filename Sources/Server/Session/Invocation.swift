package import Domain
package import Entities
package import Wire

/// One request on its way: who asks, on which connection, and what the engine offers.
package struct Invocation: Sendable {
  package let service: Service
  package var connection: ConnectionState
  package let session: Session
  package let framing: Framing
  /// The connection's identity, or the one that AS lends.
  package var identity: Identity?
  package var requestKey: RequestKey?
  /// What follows the command's name, unread.
  var rawArguments: ArraySlice<Argument> = []
  /// Runs once the reply stands in line: what it starts is heard of after the reply.
  var afterReply: (@Sendable () async -> Void)?
  /// Of the monotonic clock, when the request before this one ended, if nothing came in between:
  /// then this one began. One reading a request, not two.
  var clockReading: UInt64?
  /// Reads see at least this position.
  package var readPosition: Position

  package init(
    service: Service, connection: ConnectionState, session: Session, framing: Framing,
    readPosition: Position
  ) {
    self.service = service
    self.connection = connection
    self.session = session
    self.framing = framing
    identity = connection.identity
    self.readPosition = readPosition
  }

  /// How the reply is to be written.
  var dialect: ReplyDialect { ReplyDialect(framing: framing, version: connection.version) }

  /// Who asks. Throws NOAUTH for an anonymous connection.
  package var caller: Identity {
    get throws(Rejection) {
      guard let identity else { throw Rejection(.noAuth, "log in first") }
      return identity
    }
  }

  /// Runs a command on an entity as the caller, once per idempotency key.
  package func perform<State: Entity>(
    _ command: @autoclosure @escaping @Sendable () -> State.Command, on entity: EntityActor<State>
  ) async throws -> Gated<Outcome> {
    let caller = try caller
    return try await remembered(
      entity.perform(command(), by: caller.user, request: requestKey))
  }

  /// The same on a person, for whom decides what others did too. Where nothing happens, it is by a
  /// state that held at one position: the person's newest events may have been on their way to the
  /// disk, and what others did before these not known yet. Then it is decided once more when it is,
  /// which costs no more than what the reply has to wait for anyway.
  package func perform(
    _ command: @autoclosure @escaping @Sendable () -> UserState.Command,
    on user: EntityActor<UserState>
  ) async throws -> Gated<Outcome> {
    let caller = try caller.user
    return try await settled(on: user) {
      try await user.perform(command(), by: caller, request: requestKey)
    }
  }

  /// The same with a command that rests on what somebody else is now: looked at each time that it
  /// is decided.
  func perform(
    on user: EntityActor<UserState>, _ command: () async throws -> UserState.Command
  ) async throws -> Gated<Outcome> {
    let caller = try caller.user
    return try await settled(on: user) {
      let made = try await command()
      return try await user.perform(made, by: caller, request: requestKey)
    }
  }

  private func settled(
    on user: EntityActor<UserState>, _ decide: () async throws -> Gated<Outcome>
  ) async throws -> Gated<Outcome> {
    let fold = service.shard(of: user.key).fold
    for _ in 1..<Service.settlingsMax {
      let folded = fold.folded
      let standing: Position
      do {
        let answer = try await decide()
        if answer.changed || answer.position <= folded { return try await remembered(answer) }
        standing = answer.position
      } catch let error as Rejection where !error.code.isOfTheRequestAlone {
        standing = await user.read { _ in }.position
        if standing <= folded { throw error }
      }
      await fold.reach(standing)
    }
    return try await remembered(decide())
  }

  /// Where nothing happened, the same key must get this same answer again.
  private func remembered(_ answer: Gated<Outcome>) async throws -> Gated<Outcome> {
    guard let requestKey, !answer.changed else { return answer }
    let caller = try caller.user
    return try await service.user(caller).perform(
      .answerRequest(answer.value), by: caller, request: requestKey)
  }
}

extension Rejection.Code {
  /// Whether nothing that others do would change it.
  fileprivate var isOfTheRequestAlone: Bool {
    switch self {
    case .busy, .invalid, .noAuth, .limit, .readOnly, .error, .noProtocol: true
    case .denied, .notFound, .conflict, .gone: false
    }
  }
}
