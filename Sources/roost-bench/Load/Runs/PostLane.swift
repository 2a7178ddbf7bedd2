/// One account that posts, and its last follower, who looks for each post in HOME: one post at a
/// time.
final class PostLane {
  private enum Stage {
    case idle
    case posting(due: UInt64)
    case looking(due: UInt64, post: ArraySlice<UInt8>)
  }

  /// Looks of a follower for one post, before it counts as invisible.
  private static let looksMax = 100_000
  private static let text = "A post of a benchmark, waited for by a follower."
  private static let home = [UInt8](request: ["HOME", "COUNT", "20"])

  let author: LoadConnection
  let follower: LoadConnection
  private let request: [UInt8]
  private var stage = Stage.idle
  private var looks = 0

  init(_ account: Tokens.Account, _ address: ServerAddress) throws {
    author = LoadConnection(try Dialogue(address, token: account.person.token).socket)
    follower = LoadConnection(try Dialogue(address, token: account.lastFollower.token).socket)
    request = [UInt8](request: ["POST", Self.text])
  }

  var isIdle: Bool { if case .idle = stage { true } else { false } }

  /// When the post under way was due.
  var due: UInt64? {
    switch stage {
    case .idle: nil
    case .posting(let due), .looking(let due, _): due
    }
  }

  func post(due: UInt64) throws {
    stage = .posting(due: due)
    author.output += request
    _ = try author.flush()
  }

  /// What has arrived for the author or the follower. `done` gets when the post was due, and when
  /// it was seen, or the words of an error.
  func receive(isAuthor: Bool, _ done: (UInt64, Result<UInt64, Failure>) -> Void) throws {
    let connection = isAuthor ? author : follower
    let isOpen = try connection.receive { found, reply, arrival in
      guard let due else { return }
      if case .error(let range) = found {
        stage = .idle
        return done(due, .failure(Failure(words: Array(reply[range]))))
      }
      switch stage {
      case .idle: return
      case .posting:
        stage = .looking(due: due, post: ArraySlice(Array(reply.bulk ?? [])))
        looks = 0
      case .looking(_, let post):
        looks += 1
        if reply.contains(post) {
          stage = .idle
          return done(due, .success(arrival))
        }
        guard looks < Self.looksMax else {
          stage = .idle
          return done(due, .failure(Failure(words: Array("INVISIBLE".utf8))))
        }
      }
      follower.output += Self.home
      _ = try follower.flush()
    }
    guard isOpen else { throw BenchError("the server closed a connection") }
  }

  /// An error reply.
  struct Failure: Error {
    var words: [UInt8]
  }
}
