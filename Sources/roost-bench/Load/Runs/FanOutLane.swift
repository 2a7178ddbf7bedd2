/// One connection of a fan-out, which plays rounds: posts of one account in a pipeline, then HOME
/// of its last follower.
final class FanOutLane {
  private static let text = "One of many posts of a benchmark, to all who follow."

  let connection: LoadConnection
  /// Taken in turn, a round each.
  private let accounts: [Tokens.Account]
  private let posts: Int
  private var round = 0
  private var replies = 0
  private var start: UInt64 = 0
  /// The newest post that was acknowledged.
  private(set) var newest = PostNumber.none

  init(_ accounts: [Tokens.Account], posts: Int, _ connection: LoadConnection) {
    self.accounts = accounts
    self.posts = posts
    self.connection = connection
  }

  /// Whether no round is under way.
  var isIdle: Bool { replies > posts }

  /// Of the round under way, or of the last one.
  var account: Tokens.Account { accounts[(round - 1) % accounts.count] }

  struct Round {
    var nanoseconds: UInt64
    var posts: Int
    var deliveries: Int
    /// Whether HOME showed the round's newest post, or a later one.
    var isVisible: Bool
  }

  /// Puts a round's requests into the connection's output, to be flushed.
  func begin() {
    round += 1
    replies = 0
    for _ in 0..<posts {
      connection.output.append(request: ["AS", account.person.username, "POST", Self.text])
    }
    connection.output.append(
      request: ["AS", account.lastFollower.username, "HOME", "COUNT", "1"])
    start = Stopwatch.nanoseconds
  }

  /// The next reply; the round, if it ends with it. An error reply is thrown.
  func take(
    _ found: ReplyScanner.Found, _ reply: ArraySlice<UInt8>, _ arrival: UInt64
  ) throws -> Round? {
    if case .error(let range) = found {
      throw BenchError(
        "\(account.person.username) was answered \(String(decoding: reply[range], as: UTF8.self))")
    }
    replies += 1
    if replies == posts { newest = PostNumber(reply.bulk ?? []) }
    guard replies > posts else { return nil }
    return Round(
      nanoseconds: arrival - start, posts: posts, deliveries: posts * account.followers,
      isVisible: PostNumber(newestOf: reply) >= newest)
  }
}

/// A post's id: ascending, but for posts that were written in the same moment on several
/// connections.
struct PostNumber: Comparable {
  static let none = PostNumber(value: 0)

  private let value: UInt64

  private init(value: UInt64) { self.value = value }

  init(_ digits: ArraySlice<UInt8>) {
    value = UInt64(String(decoding: digits, as: UTF8.self)) ?? 0
  }

  /// Of the first item of a page in RESP2; none if it has none.
  init(newestOf page: ArraySlice<UInt8>) {
    guard let name = page.range(of: ArraySlice("$2\r\nid\r\n".utf8)),
      let value = page[name.upperBound...].bulkAtStart
    else {
      self = .none
      return
    }
    self.init(value)
  }

  static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
