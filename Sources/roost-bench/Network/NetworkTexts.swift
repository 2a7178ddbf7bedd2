internal import Domain
internal import Engine

/// What the people of a made network call themselves and say: short texts with hashtags and
/// mentions, or the lines of a file.
struct NetworkTexts {
  /// Of a file, in all.
  private static let bytesMax = 64 << 20
  /// Chances in a hundred.
  private static let taggedPercent = 30
  private static let mentioningPercent = 15
  private static let tags = Zipf(count: topics.count)

  private static let given = [
    "amara", "anton", "bela", "carla", "chidi", "dana", "emil", "farah", "greta", "hugo", "ines",
    "ivo", "jana", "kenji", "lea", "luca", "maya", "mina", "nadia", "noor", "olga", "omar", "pia",
    "quentin", "rosa", "sami", "tara", "ugo", "vera", "wanda", "yara", "zeno",
  ]
  private static let family = [
    "Abel", "Baker", "Castro", "Dietz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen",
    "Kaya", "Lindholm", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Sato", "Tanaka",
    "Urban", "Vogel", "Weber", "Xu", "Yilmaz", "Zamora",
  ]
  private static let openings = [
    "Just heard that", "I still can't believe that", "Nobody told me that", "It turns out that",
    "Good morning!", "Reminder:", "So proud that", "Honestly,", "After three years", "Today",
  ]
  private static let subjects = [
    "the new library", "our little bakery", "my neighbour's cat", "the night train",
    "this old camera", "the whole team", "the river festival", "that tiny satellite",
    "the street market", "my grandmother's recipe", "the choir", "the climbing wall",
  ]
  private static let verbs = [
    "opens again tomorrow", "made it to the front page", "is better than anyone expected",
    "has found a home", "needs a few more hands", "broke down in the rain", "won a prize",
    "is looking for volunteers", "finally works", "was worth every minute",
  ]
  private static let endings = [
    ".", "!", ". Who is coming along?", ". Photos follow tonight.", " – thank you all.", "…",
    ". What do you think?", ". More about it later.",
  ]
  private static let topics = [
    "news", "music", "photography", "football", "books", "science", "travel", "cooking", "art",
    "cats", "gardening", "cycling", "history", "film", "code", "space", "coffee", "climate",
    "chess",
    "hiking", "design", "poetry", "theatre", "trains", "birds", "bread", "maps", "jazz", "sailing",
    "astronomy",
  ]

  private var random: SplitMix
  private let lines: [String]
  private var line = 0

  /// With a file, its lines are posted in order, again and again; those that cannot be are passed
  /// over.
  init(seed: UInt64, path: String?) throws {
    random = SplitMix(seed: seed, stream: 0x7E47)
    lines = try path.map(Self.read) ?? []
  }

  private static func read(_ path: String) throws -> [String] {
    var reader = try LineReader(path: path)
    var lines: [String] = []
    var bytes = 0
    while let line = try reader.next() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw reader.error("it is not UTF-8")
      }
      bytes += line.count
      guard bytes <= bytesMax else { throw reader.error("texts may have \(bytesMax) bytes in all") }
      if (try? validatePostText(text)) != nil, (try? TextScanner.scan(text)) != nil {
        lines.append(text)
      }
    }
    guard !lines.isEmpty else { throw BenchError("\(path) holds no text that could be posted") }
    return lines
  }

  /// Of the person with this number: no two alike.
  static func username(_ person: Int) -> String { given[person % given.count] + String(person) }

  mutating func name(_ person: Int) -> String {
    "\(Self.given[person % Self.given.count].capitalized) \(pick(Self.family))"
  }

  mutating func bio() -> String {
    let (first, second) = (topic(), topic())
    return "Mostly \(first), a little \(second). Once upon a time "
      + "\(pick(Self.subjects)) brought me here."
  }

  /// A post's text; now and then it mentions the person whom `other` names.
  mutating func post(mentioning other: () -> String) -> String {
    guard lines.isEmpty else {
      defer { line = (line + 1) % lines.count }
      return lines[line]
    }
    var text = "\(pick(Self.openings)) \(pick(Self.subjects)) \(pick(Self.verbs))"
    text += pick(Self.endings)
    if random.below(100) < Self.mentioningPercent { text = "@\(other()) \(text)" }
    if random.below(100) < Self.taggedPercent { text += " #\(topic())" }
    return text
  }

  private mutating func pick(_ words: [String]) -> String { words[random.below(words.count)] }

  private mutating func topic() -> String { Self.topics[Self.tags.draw(&random)] }
}

extension String {
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
