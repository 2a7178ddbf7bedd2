extension PollFacts {
  package static let optionsMin = 2
  /// Bounded by the bits of a `PollChoice`.
  package static let optionsMax = 10
  package static let optionCharactersMax = 100
  package static let secondsOpenMin: Int64 = 1
  package static let secondsOpenMax: Int64 = 30 * 86_400
}

extension PostFacts {
  /// Whether the open part of a new post is one.
  func validate() throws(Rejection) {
    guard mentions.count <= TextScanner.mentionsMax else { throw .tooManyMentions }
    guard tags.count <= TextScanner.tagsMax else {
      throw Rejection(.invalid, "at most \(TextScanner.tagsMax) hashtags")
    }
    try validateMedia(media)
    if isStory, reply != nil { throw Rejection(.invalid, "a story answers nothing") }
    if let poll { try poll.validate() }
  }
}

extension PollFacts {
  fileprivate func validate() throws(Rejection) {
    guard (Self.optionsMin...Self.optionsMax).contains(optionCount) else {
      throw Rejection(
        .invalid, "a poll has \(Self.optionsMin) to \(Self.optionsMax) options")
    }
    guard let secondsOpen else { return }
    guard (Self.secondsOpenMin...Self.secondsOpenMax).contains(secondsOpen) else {
      throw Rejection(
        .invalid, "a poll is open for \(Self.secondsOpenMin) to \(Self.secondsOpenMax) seconds")
    }
  }
}
