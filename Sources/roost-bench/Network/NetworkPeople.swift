internal import Domain
internal import Journal

/// The people of a made network: what they are called, and what their text is sealed with.
struct NetworkPeople {
  /// Everybody's, so that it is hashed once; never more than a benchmark's.
  static let password = "a password for benchmarks"
  static let passwordHash =
    "$argon2id$v=19$m=19456,t=2,p=1$oywiNoddCeUEqcxds6mjXA"
    + "$Op62fb7Q4/Cohn/DK/6IT+nn1m91QxMJNliWbfuUdXA"

  /// By person, in the order of signing up: so they ascend.
  private(set) var ids: [UserID] = []
  private let seed: UInt64

  init(seed: UInt64, people: Int) {
    self.seed = seed
    ids.reserveCapacity(people)
  }

  mutating func add(_ id: UserID) { ids.append(id) }

  subscript(person: Int) -> UserID { ids[person] }

  func username(_ person: Int) -> Username {
    guard let name = Username(NetworkTexts.username(person)) else {
      preconditionFailure("a made name is a username")
    }
    return name
  }

  /// Drawn from the seed, so that nobody has to remember a million of them.
  func key(of id: UserID) -> [UInt8] { derive(id, "key") }

  func token(of id: UserID, _ scope: Scope) -> String {
    "roost_" + derive(id, "token \(scope)").map(Self.hexadecimal).joined()
  }

  private func derive(_ id: UserID, _ use: String) -> [UInt8] {
    blake2b256(Array("\(use) of \(id) from \(seed)".utf8))
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
