internal import Domain

/// Texts for posts, given out in order, again and again.
struct ImportTexts {
  private static let bytesMax = 64 << 20
  /// For who gives none.
  private static let builtIn = [
    "I heard it a minute ago.", "Is this really true?", "What a day!", "Here is more about it.",
    "I am not convinced yet.", "They will announce it today.", "Watching it live.",
  ]
  private static let hashtag = "#higgs"

  private let texts: [String]
  private var index = 0

  /// Reads one text a line; lines that cannot be posted are passed over.
  init(path: String?) throws {
    guard let path else {
      texts = Self.builtIn
      return
    }
    var reader = try LineReader(path: path)
    var texts: [String] = []
    var bytes = 0
    while let line = try reader.next() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw reader.error("it is not UTF-8")
      }
      bytes += line.count
      guard bytes <= Self.bytesMax else {
        throw reader.error("texts may have \(Self.bytesMax) bytes in all")
      }
      if Self.isPostable(text) { texts.append(text) }
    }
    guard !texts.isEmpty else { throw ImportError.noTexts(path: path) }
    self.texts = texts
  }

  mutating func plain() -> String { next() }
  mutating func tagged() -> String { "\(next()) \(Self.hashtag)" }
  mutating func mentioning(_ name: Username) -> String { Self.mentioning(name.text, next()) }

  /// Alone, and in the longest form that is posted.
  private static func isPostable(_ text: String) -> Bool {
    do throws(Rejection) {
      try validatePostText(text)
      try validatePostText(mentioning(longestName, text))
      return true
    } catch {
      return false
    }
  }

  private static let longestName = String(repeating: "u", count: Username.lengthMax)

  private static func mentioning(_ name: String, _ text: String) -> String {
    "@\(name) \(text) \(hashtag)"
  }

  private mutating func next() -> String {
    defer { index = (index + 1) % texts.count }
    return texts[index]
  }
}
