package import Domain
package import Entities
import Wire

/// One row of the command table: what a command is called, takes, needs and does.
///
/// A class, because every request passes its row along: that costs one reference, not a copy of
/// all these fields.
package final class CommandSpec: Sendable {
  /// Who may call it.
  package enum Access: Sendable {
    /// Anybody connected, also before logging in.
    case anyone
    /// Anybody, unless the server is private; then who is logged in.
    case publicRead
    /// Who is logged in.
    case read
    /// Who is logged in with more than a read token.
    case write
    /// A service token.
    case service
    /// A moderator or admin token.
    case moderator
    /// An admin token.
    case admin
  }

  /// What its calls count towards when they are limited.
  package enum RateClass: String, Sendable {
    case connection, read, post, reply, like, follow, login, signup, message, operate
  }

  package typealias Handler =
    @Sendable (inout Invocation, Arguments) async throws -> Response
  package typealias RepeatedHandler =
    @Sendable (Gated<Outcome>, Invocation, Arguments) async throws -> Response

  /// In capitals; two words for a subcommand.
  package let name: String
  package let arguments: [ArgumentSpec]
  package let summary: String
  /// The version that brought it.
  package let since: String
  package let access: Access
  package let rateClass: RateClass
  /// Another class for calls that have this argument.
  package let rateWithArgument: (name: String, rateClass: RateClass)?
  /// Whether the handler charges for its calls, because only it knows which of them cost.
  package let isChargedByHandler: Bool
  /// Whether it can change state; such a command takes KEY.
  package let isMutation: Bool
  /// The codes of the errors that it answers with, besides INVALID and ERR.
  package let errors: [Rejection.Code]
  package let handler: Handler
  /// The reply to a repetition with the same key, where it is more than the outcome.
  package let repeatedHandler: RepeatedHandler?
  /// Whether it is about people and what they do, not about the connection alone.
  let touchesEngine: Bool
  /// Whether it decides on the newest state of entities; it need not wait for the own writes then.
  let decides: Bool
  /// As Redis counts: the name's words included, negative where there may be more.
  package let arity: Int
  /// Two for a subcommand.
  let nameWords: Int
  /// How many of the arguments, the first ones, are told by their place alone.
  let positionalCount: Int
  /// Whether there is an option that may not be left out.
  let hasRequiredOptions: Bool

  package init(
    _ name: String, _ arguments: [ArgumentSpec] = [], _ summary: String, access: Access,
    rate: RateClass, rateWith: (String, RateClass)? = nil, chargesItself: Bool = false,
    mutates: Bool = false, errors: [Rejection.Code] = [], since: String = "0.1.0",
    repeated: RepeatedHandler? = nil,
    handler: @escaping Handler
  ) {
    self.name = name
    self.arguments = mutates ? arguments + [.key] : arguments
    self.summary = summary
    self.access = access
    rateClass = rate
    rateWithArgument = rateWith
    isChargedByHandler = chargesItself
    isMutation = mutates
    self.errors = rate.isLimited ? errors + [.limit] : errors
    self.since = since
    self.handler = handler
    repeatedHandler = repeated
    touchesEngine = rate != .connection
    decides = mutates || rate == .signup
    nameWords = name.utf8.count(where: { $0 == 0x20 }) + 1
    arity = Self.arity(of: self.arguments, nameWords: nameWords)
    positionalCount = self.arguments.prefix { $0.token == nil }.count
    hasRequiredOptions = self.arguments.contains { !$0.isOptional && $0.token != nil }
    precondition(
      self.arguments.dropFirst(positionalCount).allSatisfy { $0.token != nil },
      "options follow what is told by its place")
  }

  private static func arity(of arguments: [ArgumentSpec], nameWords: Int) -> Int {
    let required = arguments.filter { !$0.isOptional }
      .reduce(0) { $0 + $1.valuesCount + ($1.token == nil ? 0 : 1) }
    let isOpen = arguments.contains { $0.isOptional || $0.isRepeated }
    return isOpen ? -(nameWords + required) : nameWords + required
  }

  func repeated(
    _ answer: Gated<Outcome>, _ invocation: Invocation, _ arguments: Arguments
  ) async throws -> Response {
    guard let repeatedHandler else { return Response(answer) }
    return try await repeatedHandler(answer, invocation, arguments)
  }

  /// What a call with these arguments counts towards.
  func rateClass(of arguments: Arguments) -> RateClass {
    if let other = rateWithArgument, arguments.has(other.name) { return other.rateClass }
    return rateClass
  }

  /// The option that a word introduces, in any case.
  func option(named word: String?) -> ArgumentSpec? {
    guard let word, word.utf8.count <= Self.tokenBytesMax else { return nil }
    for index in positionalCount..<arguments.count {
      if arguments[index].token?.isEqualIgnoringCase(to: word) ?? false { return arguments[index] }
    }
    return nil
  }

  var hasOptions: Bool { positionalCount < arguments.count }

  var wrongCount: Rejection {
    Rejection(.error, "wrong number of arguments for '\(name.lowercased())' command")
  }

  private static let tokenBytesMax = 32
}

extension String {
  /// Compares ASCII letters without their case and everything else as it is.
  package func isEqualIgnoringCase(to other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
  }
}

extension UInt8 {
  package var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
  package var uppercasedASCII: UInt8 { (0x61...0x7A).contains(self) ? self & 0xDF : self }
}
