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
    let answer = try await entity.perform(command(), by: caller.user, request: requestKey)
    guard let requestKey, !answer.changed else { return answer }
    // Nothing happened, yet the same key must get this same answer again.
    let user = try service.user(caller.user)
    return try await user.perform(
      .answerRequest(answer.value), by: caller.user, request: requestKey)
  }
}
