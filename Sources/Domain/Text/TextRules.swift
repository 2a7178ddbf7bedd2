/// How long and of what kind personal text may be. Characters are extended grapheme clusters.
package enum TextRules {
  package static let postCharactersMax = 5_000
  /// A character may be made of any number of code points; this bounds them together.
  package static let postBytesMax = 262_144
  package static let warningCharactersMax = 500
  package static let nameCharactersMax = 50
  package static let bioCharactersMax = 500
  package static let titleCharactersMax = 100
  package static let reasonCharactersMax = 1_000
  package static let labelCharactersMax = 100
  package static let altCharactersMax = 1_000
  /// In UTF-8 bytes, as the next.
  package static let avatarBytesMax = 2_048
  package static let emailBytesMax = 254
  package static let emojiBytesMax = 64
  package static let linkBytesMax = 2_048
  package static let passwordBytesMin = 10
  package static let passwordBytesMax = 256
  /// No character of a short field counts for more bytes than this, all in all.
  package static let bytesPerCharacterMax = 64

  /// Whether there is nothing in it but Unicode white space.
  package static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
  }
}

/// The text of a post or a message: 1–5 000 characters, not blank; line breaks are as they come.
package func validatePostText(_ text: String) throws(Rejection) {
  if TextRules.isBlank(text) { throw Rejection(.invalid, "the text is blank") }
  try validateLength(
    text, "the text", TextRules.postCharactersMax, bytesMax: TextRules.postBytesMax)
}

/// A display name; empty takes it away.
package func validateName(_ name: String) throws(Rejection) {
  try validateLength(name, "a name", TextRules.nameCharactersMax)
}

/// What people say about themselves; empty takes it away.
package func validateBio(_ bio: String) throws(Rejection) {
  try validateLength(bio, "a bio", TextRules.bioCharactersMax)
}

/// 10–256 bytes, before hashing.
package func validatePassword(_ password: String) throws(Rejection) {
  let bytes = TextRules.passwordBytesMin...TextRules.passwordBytesMax
  guard bytes.contains(password.utf8.count) else {
    throw Rejection(
      .invalid, "a password has \(bytes.lowerBound) to \(bytes.upperBound) bytes")
  }
}

/// Something before and after one `@`, at most 254 bytes, no white space; empty takes it away.
/// That the address works shows only when it is used.
package func validateEmail(_ email: String) throws(Rejection) {
  if email.isEmpty { return }
  let parts = email.split(separator: "@", omittingEmptySubsequences: false)
  let hasBlank = email.unicodeScalars.contains { $0.properties.isWhitespace }
  guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !hasBlank,
    email.utf8.count <= TextRules.emailBytesMax
  else { throw Rejection(.invalid, "this is not an email address") }
}

/// A reaction: one character, and a pictograph.
package func validateEmoji(_ emoji: String) throws(Rejection) {
  guard emoji.utf8.count <= TextRules.emojiBytesMax, emoji.count == 1,
    isPictograph(emoji.unicodeScalars)
  else {
    throw Rejection(.invalid, "a reaction is one emoji")
  }
}

/// Whether a character is a picture and nothing else: neither a letter with a skin tone nor a face
/// with accents, whose order could be another in equal texts.
private func isPictograph(_ scalars: String.UnicodeScalarView) -> Bool {
  guard let first = scalars.first, first.properties.isEmoji,
    scalars.dropFirst().allSatisfy(\.isEmojiPart)
  else { return false }
  // The signs of Latin 1 are emoji only with the selector that makes them one, and digits, # and *
  // only in their keycap; one regional indicator is half a flag.
  let isSelected = scalars.contains("\u{FE0F}")
  if first.isASCII { return isSelected && scalars.contains("\u{20E3}") }
  if first.value <= 0xFF { return isSelected }
  let indicators = scalars.count { (0x1F1E6...0x1F1FF).contains($0.value) }
  return indicators == 0 || (indicators == 2 && scalars.count == 2)
}

extension Unicode.Scalar {
  /// What an emoji may go on with: a selector, a joiner, a keycap, the tags of a region's flag, or
  /// another emoji (skin tones are such).
  fileprivate var isEmojiPart: Bool {
    switch value {
    case 0x200D, 0xFE0F, 0x20E3, 0xE0020...0xE007F: true
    default: value > 0xFF && properties.isEmoji
    }
  }
}

/// Where a post leads or a medium lies: `http://` or `https://` and a host, at most 2 048 bytes, no
/// white space or control characters. That there is something shows only when it is followed.
package func validateLink(_ link: String) throws(Rejection) {
  guard link.utf8.count <= TextRules.linkBytesMax else {
    throw Rejection(.invalid, "a link has at most \(TextRules.linkBytesMax) bytes")
  }
  let scheme = link.prefix(8).lowercased()
  let schemeLength = scheme == "https://" ? 8 : scheme.hasPrefix("http://") ? 7 : 0
  let host = link.dropFirst(schemeLength).prefix { !"/?#".contains($0) }
  let hasBlank = link.unicodeScalars.contains {
    $0.properties.isWhitespace || $0.properties.generalCategory == .control
  }
  guard schemeLength > 0, !host.isEmpty, !hasBlank else {
    throw Rejection(.invalid, "a link begins with http:// or https:// and a host")
  }
}

/// An option of a poll has no line breaks of any kind: they are kept one a line.
package func validateOptionLine(_ option: String) throws(Rejection) {
  if option.contains(where: \.isNewline) { throw Rejection(.invalid, "an option is one line") }
}

/// Stops counting one past the limit.
private func validateLength(
  _ text: String, _ what: String, _ charactersMax: Int, bytesMax: Int? = nil
) throws(Rejection) {
  let bytesMax = bytesMax ?? charactersMax * TextRules.bytesPerCharacterMax
  if text.utf8.count <= charactersMax { return }
  guard text.utf8.count <= bytesMax else {
    throw Rejection(.invalid, "\(what) has at most \(bytesMax) bytes")
  }
  let end = text.endIndex
  if let limit = text.index(text.startIndex, offsetBy: charactersMax, limitedBy: end),
    limit < end
  {
    throw Rejection(.invalid, "\(what) has at most \(charactersMax) characters")
  }
}

extension Secret {
  /// Of a post: text, perhaps a warning, and the link and the options that its facts speak of.
  func validatePost(_ facts: PostFacts) throws(Rejection) {
    try validateFields { (field, value) throws(Rejection) in
      switch field {
      case .text: try validatePostText(value)
      case .warning: try validateLength(value, "a warning", TextRules.warningCharactersMax)
      case .link: try validateLink(value)
      case .options: try Self.validateOptions(value)
      case .name, .bio, .avatar, .email, .passwordHash, .title, .label, .alt:
        throw .foreignField(field)
      }
    }
    guard self[.text] != nil else { throw Rejection(.invalid, "the text is blank") }
    guard (self[.link] != nil) == facts.hasLink else {
      throw Rejection(.invalid, "a post's link and its facts differ")
    }
    guard pollOptions?.count == facts.poll?.optionCount else {
      throw Rejection(.invalid, "a poll has as many options as it says")
    }
  }

  /// The options of a poll, as they were written.
  package var pollOptions: [String]? {
    self[.options].map { options in
      options.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static func validateOptions(_ joined: String) throws(Rejection) {
    let options = joined.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for option in options {
      if TextRules.isBlank(option) { throw Rejection(.invalid, "an option is blank") }
      try validateOptionLine(option)
      try validateLength(option, "an option", PollFacts.optionCharactersMax)
    }
    guard Set(options).count == options.count else {
      throw Rejection(.invalid, "two options are alike")
    }
  }

  /// Of a moderation or a report: a text alone.
  func validateReason() throws(Rejection) {
    guard fields.count == 1, let reason = self[.text] else {
      throw Rejection(.invalid, "a reason is a text and nothing else")
    }
    if TextRules.isBlank(reason) { throw Rejection(.invalid, "the reason is blank") }
    try validateLength(reason, "a reason", TextRules.reasonCharactersMax)
  }

  /// Of a message: text alone.
  func validateMessage() throws(Rejection) {
    guard fields.count == 1, let text = self[.text] else {
      throw Rejection(.invalid, "a message is a text and nothing else")
    }
    try validatePostText(text)
  }

  /// Of a chat: a title alone.
  func validateChatTitle() throws(Rejection) {
    guard fields.count == 1, let title = self[.title] else {
      throw Rejection(.invalid, "a chat has a title and nothing else")
    }
    if TextRules.isBlank(title) { throw Rejection(.invalid, "the title is blank") }
    try validateLength(title, "a title", TextRules.titleCharactersMax)
  }

  /// Of a list of people: a title alone.
  func validateListTitle() throws(Rejection) {
    guard fields.count == 1, let title = self[.title] else {
      throw Rejection(.invalid, "a list has a title and nothing else")
    }
    if TextRules.isBlank(title) { throw Rejection(.invalid, "the title is blank") }
    try validateLength(title, "a title", TextRules.titleCharactersMax)
  }

  /// Of a picture or film: link, perhaps alt, nothing else.
  func validateMedia() throws(Rejection) {
    try validateFields { (field, value) throws(Rejection) in
      switch field {
      case .link: try validateLink(value)
      case .alt: try validateLength(value, "an alt text", TextRules.altCharactersMax)
      case .text, .warning, .name, .bio, .avatar, .email, .passwordHash, .title, .label, .options:
        throw .foreignField(field)
      }
    }
    guard self[.link] != nil else { throw Rejection(.invalid, "a medium has a link") }
  }

  /// Of a token: a label alone.
  func validateLabel() throws(Rejection) {
    guard fields.count == 1, let label = self[.label] else {
      throw Rejection(.invalid, "a token has a label and nothing else")
    }
    try validateLength(label, "a label", TextRules.labelCharactersMax)
  }

  /// Of a person: any of name, bio, avatar, email and password hash.
  func validateProfile() throws(Rejection) {
    try validateFields { (field, value) throws(Rejection) in
      switch field {
      case .name: try validateName(value)
      case .bio: try validateBio(value)
      case .email: try validateEmail(value)
      case .avatar:
        guard value.utf8.count <= TextRules.avatarBytesMax else {
          throw Rejection(.invalid, "an avatar has at most \(TextRules.avatarBytesMax) bytes")
        }
      case .passwordHash:
        break
      case .text, .warning, .title, .label, .link, .alt, .options: throw .foreignField(field)
      }
    }
  }

  private func validateFields(
    _ body: (Field, String) throws(Rejection) -> Void
  ) throws(Rejection) {
    for (field, value) in fields { try body(field, value) }
  }
}

extension Rejection {
  fileprivate static func foreignField(_ field: Secret.Field) -> Rejection {
    Rejection(.invalid, "a \(field) does not belong here")
  }
}
