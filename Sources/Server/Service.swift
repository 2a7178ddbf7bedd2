package import Domain
package import Engine
import Entities
package import Journal
import Projections
private import Synchronization
package import Wire

/// What can be set when a server starts.
package struct Settings: Sendable {
  package var authenticatedLimits = WireLimits.authenticated
  package var unauthenticatedLimits = WireLimits.unauthenticated
  /// Whether anonymous connections may read what is public.
  package var isPrivate = false
  /// `roost serve` sets the standard ones.
  package var rateLimits = RateLimits.off
  /// How often a connection that has not logged in may be found without a new request; nil: always.
  package var strangerLooksMax: Int?

  package init() {}
}

/// What every connection shares.
package final class Service: Sendable {
  package let engine: Engine
  package let table: CommandTable
  package let settings: Settings
  /// What may change meanwhile.
  package let current: LiveSettings
  package let sessions = SessionRegistry()
  package let live: LiveHubs
  package let presence = Presence()
  package let passwords: any PasswordHasher
  package let operations: any Operations
  package let limiter: RateLimiter
  package let meter = CommandMeter()
  /// What waits to be sent to all who have not logged in.
  package let strangersOutput = OutputBudget(bytesMax: Service.strangersOutputBytesMax)
  let usage = UsageSampler()
  package let started: Instant
  /// The newest event that was there before this process served anybody.
  let recovered: Position
  private let unreadable = Mutex<Set<UserID>>([])
  /// One for the posts of each shard.
  private let heads: [PostHeads]
  private let logLine: @Sendable (String) -> Void

  package init(
    engine: Engine, table: CommandTable = .standard, settings: Settings,
    current: LiveSettings? = nil, live: LiveHubs, passwords: any PasswordHasher,
    operations: any Operations, log: @escaping @Sendable (String) -> Void
  ) {
    self.engine = engine
    self.table = table
    self.settings = settings
    self.current = current ?? LiveSettings(isPrivate: settings.isPrivate)
    self.live = live
    self.passwords = passwords
    self.operations = operations
    limiter = RateLimiter(settings.rateLimits)
    started = engine.clock.now
    recovered = engine.journal.durable
    logLine = log
    let bytesMax = PostHeads.generationBytesMax / engine.shards.count
    heads = engine.shards.map { _ in PostHeads(bytesMax: bytesMax) }
    engine.journal.onKeyDestroyed { [heads] in
      for heads in heads { heads.removeAll() }
    }
  }

  /// 128 MiB.
  package static let strangersOutputBytesMax = 128 << 20

  package var journal: Journal { engine.journal }
  package var clock: any Clock { engine.clock }

  package func log(_ line: String) { logLine(line) }

  func shard(of key: EntityKey) -> Shard { engine.shard(of: key) }

  func models(of key: EntityKey) -> ProjectionPartition { engine.partition(of: key) }

  func heads(of post: PostID) -> PostHeads { heads[engine.sharding.shard(of: .post(post)).raw] }

  func reached(_ position: Position) async { await engine.reached(position) }

  func user(_ id: UserID) throws(Rejection) -> EntityActor<UserState> {
    guard let user = shard(of: .user(id)).directory.users[id] else { throw .noSuchUser }
    return user
  }

  /// Who has the name. Throws GONE for an erased person, unless they may be named: by what takes
  /// something back.
  func userID(_ name: Username?, orErased: Bool = false) throws(Rejection) -> UserID {
    guard let name, let id = engine.names.id(of: name) else { throw .noSuchUser }
    if !orErased, engine.names.isErased(id) { throw .erasedUser }
    return id
  }

  func post(_ id: PostID) throws(Rejection) -> EntityActor<PostState> {
    guard let post = shard(of: .post(id)).directory.posts[id] else { throw .noSuchPost }
    return post
  }

  func chat(_ id: ChatID) throws(Rejection) -> EntityActor<ChatState> {
    guard let chat = shard(of: .chat(id)).directory.chats[id] else { throw .noSuchChat }
    return chat
  }

  /// What stands for an erased person wherever a username would.
  static let goneName = "GONE"

  /// A person's username, or what stands for it once they are erased; people whom the engine names
  /// always have one.
  func name(_ id: UserID) -> String {
    let (name, isErased) = engine.names.shownName(of: id)
    return isErased ? Self.goneName : name?.text ?? ""
  }

  /// Sealed text of a durable event; nil if it has none, was erased with its author, or cannot be
  /// unsealed: one text keeps nobody from the others of a page.
  func text(
    _ field: Secret.Field, at position: Position, by author: UserID? = nil
  ) throws -> String? {
    try secret(at: position, by: author)?[field]
  }

  /// All sealed text of a durable event, as `text(_:at:)` has it. Quicker with its author.
  func secret(at position: Position, by author: UserID? = nil) throws -> Secret? {
    do throws(JournalError) {
      return try unsealed(at: position, by: author)
    } catch {
      guard case .otherKey(_, let author) = error else { throw error }
      if unreadable.withLock({ $0.insert(author).inserted }) {
        log("text of user:\(author) is shown as null: \(error); roost verify tells more")
      }
      return nil
    }
  }

  /// The same for what is written again: throws where it cannot be unsealed.
  func unsealed(
    at position: Position, by author: UserID? = nil
  ) throws(JournalError) -> Secret? {
    guard position > .zero,
      case .text(let secret) = try journal.secret(at: position, by: author)
    else { return nil }
    return secret
  }

  /// People whose text could not be unsealed with their key when it was read.
  var unreadableCount: Int { unreadable.withLock { $0.count } }
}

/// What the operating commands need of the process around.
package protocol Operations: Sendable {
  /// Takes a snapshot and answers its position.
  func snapshot() async throws -> Position
  /// The digests of entities and projections by name, all as of one position. Throws BUSY where
  /// writes keep coming.
  func digests() async throws -> (position: Position, named: [(name: String, digest: String)])
  /// Every checksum and link of the journal, up to where it is now. Throws BUSY while another
  /// verification is under way.
  func verifyJournal() async throws -> (position: Position, findings: [Finding])
  /// What CONFIG shows and sets.
  var parameters: [Parameter] { get }
  /// Starts the orderly end of the process.
  func shutdown()
  /// Further lines for INFO, by section.
  func info() -> [(section: String, lines: [(String, String)])]
}
