extension Tag {
  /// Folds what stands after `#`, or what a reader asks for with or without it; nil if it is no
  /// hashtag.
  package init?(_ text: String) {
    let bare = text.unicodeScalars.first.map { $0 == "#" || $0 == "＃" } ?? false
    self.init(text.unicodeScalars.dropFirst(bare ? 1 : 0))
  }

  init?(_ word: Substring.UnicodeScalarView) {
    guard let first = word.first, !first.isMark, word.allSatisfy(\.isWord),
      word.contains(where: { $0.isLetter || $0 == "_" })
    else { return nil }
    let folded = fold(word)
    guard folded.utf8.count <= Self.lengthMax else { return nil }
    self.init(folded: folded)
  }
}
