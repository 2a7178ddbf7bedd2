package import Domain

/// Where an import reads from.
package struct ImportFiles: Sendable {
  /// Lines `A B n`: A follows B.
  package var follows: String
  /// Lines `A B seconds RT|MT|RE`.
  package var activity: String?
  /// One text a line.
  package var texts: String?

  package init(follows: String, activity: String? = nil, texts: String? = nil) {
    self.follows = follows
    self.activity = activity
    self.texts = texts
  }
}

/// What an import made.
package struct ImportReport: Equatable, Sendable {
  package var people = 0
  package var follows = 0
  /// Posts that mention somebody.
  package var mentions = 0
  package var replies = 0
  package var shares = 0
  /// Posts made because there was none to share or to answer.
  package var firstPosts = 0
  /// Lines that change nothing: someone shares a post, or follows someone, again.
  package var repetitions = 0
  package var events = Position.zero
  /// Of the first and the last event.
  package var from = Instant(ms: 0)
  package var through = Instant(ms: 0)
  package var digests: StateDigests?

  package init() {}
}
