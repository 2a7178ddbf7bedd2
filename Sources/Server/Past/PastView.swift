package import Wire

/// A page as an operator names it: `home:alice`, `timeline:bob`, `public`, with what the command
/// takes after it (`home:alice COUNT 5`); or a reading command as it is (`HOME COUNT 5`).
package struct PastView: Sendable {
  /// Who is shown it, where the view is somebody's own.
  package let owner: String?
  /// The command.
  package let words: [Argument]

  /// One kind of view: how its command begins, and whether what is named is the viewer.
  private enum Kind {
    case own([Argument])
    case of([Argument])
  }

  /// Those that are named with a colon.
  package static let names = kinds.map(\.name)

  private static let kinds: [(name: String, kind: Kind)] = [
    ("home", .own(["HOME"])), ("inbox", .own(["INBOX"])), ("chats", .own(["CHATS"])),
    ("stories", .own(["STORIES"])), ("bookmarks", .own(["BOOKMARKS"])),
    ("timeline", .of(["TIMELINE"])), ("tag", .of(["TAG"])), ("thread", .of(["THREAD"])),
    ("get", .of(["GET"])), ("history", .of(["HISTORY"])), ("profile", .of(["PROFILE"])),
    ("followers", .of(["FOLLOWERS"])), ("following", .of(["FOLLOWING"])),
    ("list", .of(["TIMELINE", "LIST"])),
  ]

  /// Nil for what names no view and has no words. Words are split and quoted as on a plain line.
  package init?(_ text: String) {
    guard var words = try? Request.words(text), let first = words.first?.text else { return nil }
    guard let colon = first.firstIndex(of: ":") else {
      owner = nil
      self.words = words
      return
    }
    let name = String(first[..<colon]).lowercased()
    let subject = String(first[first.index(after: colon)...])
    guard !subject.isEmpty, let kind = Self.kinds.first(where: { $0.name == name })?.kind else {
      return nil
    }
    words.removeFirst()
    switch kind {
    case .own(let command):
      owner = subject
      self.words = command + words
    case .of(let command):
      owner = nil
      self.words = command + [Argument(subject)] + words
    }
  }

  /// As somebody is shown it. Nil if it is one person's own and another is to be shown it.
  package func question(as viewer: String?) -> PastServer.Question? {
    if let owner, let viewer, owner.lowercased() != viewer.lowercased() { return nil }
    return PastServer.Question(as: owner ?? viewer, words)
  }
}
