internal import Domain
internal import Engine
internal import Entities
internal import Glibc

/// `tokens.json` beside a made network: who can be whom, and what there is to read and to like.
enum TokensFile {
  static let name = "tokens.json"
  /// Posts named in it.
  static let postsMax = 10_000

  static func write(_ writer: NetworkWriter, _ holders: TokenHolders, to path: String) throws {
    try PrivateFile.write(json(writer, holders).text + "\n", to: path)
  }

  private static func json(_ writer: NetworkWriter, _ holders: TokenHolders) -> JSON {
    let people = writer.people
    func person(_ person: Int) -> [(String, JSON)] {
      let id = people[person]
      return [
        ("username", .string(NetworkTexts.username(person))), ("id", .string(id.description)),
        ("token", .string(people.token(of: id, .write))),
      ]
    }
    func account(_ account: TokenHolders.Account) -> JSON {
      .object(
        person(account.person) + [
          ("followers", .int(Int64(account.followers))),
          ("first_follower", .object(person(account.firstFollower))),
          ("middle_follower", .object(person(account.middleFollower))),
          ("last_follower", .object(person(account.lastFollower))),
        ])
    }
    return .object([
      ("admin", .string(people.token(of: .system, .admin))),
      ("service", .string(people.token(of: .system, .service))),
      ("password", .string(NetworkPeople.password)),
      (
        "classes",
        .array(
          holders.accounts.map { size, accounts in
            .object([
              ("followers", .int(Int64(size))), ("accounts", .array(accounts.map(account))),
            ])
          })
      ),
      ("largest", account(holders.largest)),
      (
        "people",
        .array(
          holders.sample.map {
            .object(person($0) + [("following", .int(Int64(writer.plan.following[$0])))])
          })
      ),
      ("posts", .array(sample(writer.postIDs).map { .string($0.description) })),
    ])
  }

  /// At even distances, the newest among them.
  private static func sample(_ posts: [PostID]) -> [PostID] {
    guard posts.count > postsMax else { return posts }
    return (1...postsMax).map { posts[$0 * posts.count / postsMax - 1] }
  }
}

/// Files that are for their owner alone.
enum PrivateFile {
  static func write(_ text: String, to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  private static func failure(_ path: String) -> BenchError {
    BenchError("\(path) cannot be written: \(unsafe String(cString: strerror(errno)))")
  }
}
