internal import Domain
internal import Glibc

/// Who follows whom, drawn from the seed follower by follower.
///
/// - How many a person follows is log-normal: the mean is follows / people, the median 0.43 of it.
/// - Whom they follow goes by popularity (see `Zipf`). The most popular account is that which is
///   suggested to everyone who signs up: 97 of 100 follow it at least.
/// - Popularity has nothing to do with the order in which people signed up.
///
/// Holds four numbers of 4 bytes for each person.
struct FollowPlan {
  /// Of the logarithm of the number followed: with it the mean is 2.31 times the median, as 46 is
  /// of 20.
  static let deviation = 1.294
  /// The part of all who follow the most popular account before anybody else.
  static let firstShare = 0.97
  /// Draws of the same person after which the next that is not followed yet is taken.
  static let repeatsMax = 64

  let people: Int
  let seed: UInt64
  /// By person.
  let following: [UInt32]
  /// By rank, from 0, the person.
  let byRank: [UInt32]
  /// By person, the rank.
  let ranks: [UInt32]
  private let zipf: Zipf
  /// By rank, the last follower, counted from 1.
  private var marks: [UInt32]

  /// Throws where so many people cannot follow each other so often.
  init(people: Int, follows: Int, seed: UInt64) throws {
    self.people = people
    self.seed = seed
    following = try Self.following(people, follows, seed)
    var byRank = (0..<UInt32(people)).map { $0 }
    var random = SplitMix(seed: seed, stream: Stream.ranks)
    byRank.shuffle(using: &random)
    var ranks = [UInt32](repeating: 0, count: people)
    for (rank, person) in byRank.enumerated() { ranks[Int(person)] = UInt32(rank) }
    self.byRank = byRank
    self.ranks = ranks
    zipf = Zipf(count: people)
    marks = Array(repeating: 0, count: people)
  }

  /// The streams of numbers that are no person's.
  private enum Stream {
    static let ranks = UInt64.max
    static let degrees = UInt64.max - 1
  }

  /// Whom anybody may follow at most.
  static func followingMax(_ people: Int) -> Int { min(people - 1, UserState.followsMax) }

  private static func following(
    _ people: Int, _ follows: Int, _ seed: UInt64
  ) throws -> [UInt32] {
    let most = followingMax(people)
    guard follows <= people * most else {
      throw BenchError("\(people) people can follow each other \(people * most) times at most")
    }
    var random = SplitMix(seed: seed, stream: Stream.degrees)
    let wishes = (0..<people).map { _ in exp(deviation * random.normal()) }
    let scale = Double(follows) / wishes.reduce(0, +)
    var following: [UInt32] = []
    following.reserveCapacity(people)
    // Rounded in such a way that the sum comes out.
    var wished = 0.0
    var given = 0
    for wish in wishes {
      let before = Int(wished)
      wished += wish * scale
      let count = min(most, Int(wished) - before)
      following.append(UInt32(count))
      given += count
    }
    spread(follows - given, over: &following, most)
    return following
  }

  /// What rounding and the bound have left over, one for each in turn.
  private static func spread(_ rest: Int, over following: inout [UInt32], _ most: Int) {
    var rest = rest
    var person = 0
    while rest != 0 {
      if rest > 0, following[person] < most {
        following[person] += 1
        rest -= 1
      } else if rest < 0, following[person] > 0 {
        following[person] -= 1
        rest += 1
      }
      person = (person + 1) % following.count
    }
  }

  /// The ranks of all whom a person follows, in the order of following, in the place of what
  /// `found` holds. Once for each person.
  mutating func draw(_ person: Int, into found: inout [Int]) {
    found.removeAll(keepingCapacity: true)
    var random = SplitMix(seed: seed, stream: UInt64(person))
    let mark = UInt32(person + 1)
    marks[Int(ranks[person])] = mark
    let count = Int(following[person])
    if count > 0, ranks[person] != 0, random.unit() < Self.firstShare {
      marks[0] = mark
      found.append(0)
    }
    while found.count < count {
      let rank = draw(mark, &random)
      marks[rank] = mark
      found.append(rank)
    }
  }

  private func draw(_ mark: UInt32, _ random: inout SplitMix) -> Int {
    for _ in 0..<Self.repeatsMax {
      let rank = zipf.draw(&random)
      if marks[rank] != mark { return rank }
    }
    var rank = random.below(people)
    while marks[rank] == mark { rank = (rank + 1) % people }
    return rank
  }
}
