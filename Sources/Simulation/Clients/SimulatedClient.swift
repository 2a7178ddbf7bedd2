import Domain
import Wire

/// One scripted client: a person's program, or somebody who is not logged in.
final class SimulatedClient {
  enum Phase {
    case offline
    /// HELLO, SIGNUP or AUTH are under way.
    case greeting
    case ready
    case done
  }

  enum Dialect: Int, CaseIterable {
    case resp2, resp3, lines, mixed
  }

  let number: Int
  /// Nil for somebody anonymous.
  let name: String?
  /// Whether this client creates the account; the person's other clients only log in.
  let isFirst: Bool
  let dialect: Dialect
  let pipelineMax: Int
  var phase = Phase.offline
  var link: Link?
  /// Known once the account exists.
  var user: UInt64?
  /// What the connection may do.
  var scope = Scope.write
  /// The token that it came with, if it did not come with a password.
  var token: KnownToken?
  /// Attempts whose reply was lost, to be made again with the same key.
  var repeats: [Int] = []
  /// Numbers of the calls that it has still to make.
  var script: [Int]
  var takesPart = true
  /// Of a client that is subscribed.
  var ear: Ear?
  /// Sends no more on this connection, but reads what is answered.
  var isHalfClosed = false
  var walk: Walk?

  /// A list being read page by page.
  struct Walk {
    var list: Call.List
    var cursor: String
    /// Durable when the first page was asked for.
    var low: UInt64
    var items: [Reply]
  }

  init(
    number: Int, name: String?, isFirst: Bool, dialect: Dialect, pipelineMax: Int, script: [Int]
  ) {
    self.number = number
    self.name = name
    self.isFirst = isFirst
    self.dialect = dialect
    self.pipelineMax = pipelineMax
    self.script = script
  }

  var viewer: NaiveModel.Viewer { NaiveModel.Viewer(id: user, scope: scope, token: token?.id) }

  func framing(_ random: inout SeededGenerator) -> Framing {
    switch dialect {
    case .resp2, .resp3: .resp
    case .lines: .line
    case .mixed: random.chance(50) ? .line : .resp
    }
  }

  var isIdle: Bool { link?.pending.isEmpty ?? true }
}

/// A token with its text, as its owner has it.
struct KnownToken: Equatable, Sendable {
  var id: UInt64
  var text: String
  var scope: Scope
}

/// One command that a client wants carried out, over as many connections as it takes.
struct Attempt {
  enum State: Equatable {
    case waiting
    /// The reply was lost with a crash; without a key nobody asks again.
    case unknown
    case answered
    case refused
  }

  let client: Int
  let call: Call
  let key: String?
  var count: Int?
  var after: String?
  var state = State.waiting
  var reply: Reply?
  /// Where the journal stood when it was first sent.
  var begun: UInt64?
  var transmissions = 0
  /// What was durable when it was answered.
  var through: UInt64 = 0
  var refusalsBusy = 0

  /// To be read.
  var line: String {
    words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
  }

  var words: [String] {
    var words = call.words
    if let count { words += ["COUNT", String(count)] }
    if let after { words += ["AFTER", after] }
    if let key { words += ["KEY", key] }
    return words
  }
}
