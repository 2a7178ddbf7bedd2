/// Finds hashtags and mentions in a text, in one pass.
///
/// - A hashtag is `#` or `＃`, not after a letter, mark, digit or `_`, and then letters, marks,
///   digits and `_` as far as they go, at least one of them a letter or `_`, the first no mark.
///   Longer ones than `Tag.lengthMax` are no hashtags. Beyond `tagsMax` they are not found.
/// - Neither comes after `/` or `=`: `https://x.org/@ben/1` wakes nobody, as in Mastodon.
/// - A mention is `@`, again not after such a character (so an email address is none), and then a
///   username which ends there: more than 30 characters, a foreign letter or another `@` make it
///   none. More than `mentionsMax` different ones are INVALID, for they would wake too many.
package enum TextScanner {
  package static let tagsMax = 30
  package static let mentionsMax = 50

  /// What was found, in order of first appearance, each once.
  package struct Found: Equatable, Sendable {
    package var tags: [Tag] = []
    package var mentions: [Username] = []

    package init(tags: [Tag] = [], mentions: [Username] = []) {
      self.tags = tags
      self.mentions = mentions
    }
  }

  package static func scan(_ text: String) throws(Rejection) -> Found {
    var found = Found()
    // Without either sign there is nothing to find; the bytes of ＃ are EF BC 83.
    guard text.utf8.contains(where: { $0 == 0x23 || $0 == 0x40 || $0 == 0xEF }) else {
      return found
    }
    let scalars = text.unicodeScalars
    var index = scalars.startIndex
    var isWithinWord = false
    while index < scalars.endIndex {
      let scalar = scalars[index]
      scalars.formIndex(after: &index)
      if !isWithinWord, scalar == "#" || scalar == "＃" {
        let word = word(in: scalars, from: index)
        if found.tags.count < tagsMax, let tag = Tag(word), !found.tags.contains(tag) {
          found.tags.append(tag)
        }
      } else if !isWithinWord, scalar == "@" {
        let word = word(in: scalars, from: index)
        let isAddress = word.endIndex < scalars.endIndex && scalars[word.endIndex] == "@"
        if !isAddress, let name = Username(String(word)), !found.mentions.contains(name) {
          guard found.mentions.count < mentionsMax else { throw .tooManyMentions }
          found.mentions.append(name)
        }
      }
      isWithinWord = scalar.isWord || scalar == "/" || scalar == "="
    }
    return found
  }

  private static func word(
    in scalars: String.UnicodeScalarView, from start: String.Index
  ) -> Substring.UnicodeScalarView {
    scalars[start...].prefix { $0.isWord }
  }
}

extension Rejection {
  package static let tooManyMentions = Rejection(
    .invalid, "at most \(TextScanner.mentionsMax) mentions")
}

extension Unicode.Scalar {
  /// Letters, marks, digits and `_`.
  var isWord: Bool {
    if isASCII {
      return switch value {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
      default: false
      }
    }
    return isLetter || isMark || properties.generalCategory == .decimalNumber
  }

  var isLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }
}
