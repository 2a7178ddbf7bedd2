internal import Engine
internal import Journal

/// What `roost-bench network` wrote down: who can be whom, and what there is.
struct Tokens {
  struct Person {
    let username: String
    let token: String
  }

  /// A popular account.
  struct Account {
    let person: Person
    let followers: Int
    let firstFollower: Person
    let middleFollower: Person
    let lastFollower: Person
  }

  private static let bytesMax = 512 << 20

  let admin: String
  let service: String
  let people: [Person]
  let posts: [String]
  /// By number of followers, the nearest first.
  let classes: [Int: [Account]]
  let largest: Account

  init(path: String) throws {
    var reader = try LineReader(path: path, lineMax: Self.bytesMax)
    guard let line = try reader.next(), let json = try? JSONValue.parse(line),
      let admin = json["admin"]?.string, let service = json["service"]?.string,
      let people = json["people"]?.array, let posts = json["posts"]?.array,
      let classes = json["classes"]?.array, let largest = json["largest"]
    else { throw BenchError("\(path) is not what roost-bench network writes") }
    self.admin = admin
    self.service = service
    self.people = try people.map(Self.person)
    self.posts = posts.compactMap(\.string)
    self.largest = try Self.account(largest)
    var byFollowers: [Int: [Account]] = [:]
    for size in classes {
      guard let followers = size["followers"]?.int, let accounts = size["accounts"]?.array else {
        throw BenchError("\(path) holds a class of accounts that is none")
      }
      byFollowers[Int(followers)] = try accounts.map(Self.account)
    }
    self.classes = byFollowers
  }

  private static func person(_ json: JSONValue) throws -> Person {
    guard let username = json["username"]?.string, let token = json["token"]?.string else {
      throw BenchError("a person has a username and a token")
    }
    return Person(username: username, token: token)
  }

  private static func account(_ json: JSONValue) throws -> Account {
    guard let followers = json["followers"]?.int, let first = json["first_follower"],
      let middle = json["middle_follower"], let last = json["last_follower"]
    else { throw BenchError("an account has followers") }
    return Account(
      person: try person(json), followers: Int(followers), firstFollower: try person(first),
      middleFollower: try person(middle), lastFollower: try person(last))
  }

  /// The accounts of a class; throws if the network has none.
  func accounts(followers: Int) throws -> [Account] {
    guard let accounts = classes[followers] else {
      let all = classes.keys.sorted().map(String.init).joined(separator: ", ")
      throw UsageError("the network has no accounts with \(followers) followers, but with \(all)")
    }
    return accounts
  }
}
