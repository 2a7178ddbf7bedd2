/// The form in which words are compared: width, case, and composed or decomposed spelling make no
/// difference. Folding what is folded changes nothing.
///
/// Width: full-width ASCII, half-width katakana and Hangul letters become the usual ones. Case:
/// lower, then upper, then lower case, which joins ẞ, ß and ss, ς and σ as Unicode's case folding
/// does.
func fold(_ word: Substring.UnicodeScalarView) -> String {
  var folded = String.UnicodeScalarView()
  for scalar in word {
    let wide = widthFolded(scalar)
    // Upper case would join Turkish ı with i; case folding does not.
    if wide == "ı" {
      folded.append(wide)
      continue
    }
    for lower in wide.properties.lowercaseMapping.unicodeScalars {
      for upper in lower.properties.uppercaseMapping.unicodeScalars {
        folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
      }
    }
  }
  return composed(folded)
}

private func widthFolded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  switch scalar.value {
  case 0xFF01...0xFF5E:
    return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
  case 0xFF65...0xFF9F:
    return katakana[Int(scalar.value - 0xFF65)]
  case 0xFFA1...0xFFBE:
    return Unicode.Scalar(scalar.value - 0xFFA1 + 0x3131) ?? scalar
  case 0xFFC2...0xFFC7:
    return Unicode.Scalar(scalar.value - 0xFFC2 + 0x314F) ?? scalar
  case 0xFFCA...0xFFCF:
    return Unicode.Scalar(scalar.value - 0xFFCA + 0x3155) ?? scalar
  case 0xFFD2...0xFFD7:
    return Unicode.Scalar(scalar.value - 0xFFD2 + 0x315B) ?? scalar
  case 0xFFDA...0xFFDC:
    return Unicode.Scalar(scalar.value - 0xFFDA + 0x3161) ?? scalar
  default:
    return scalar
  }
}

/// For U+FF65–U+FF9F, from Unicode's compatibility mappings; the last two are the combining marks.
private let katakana = Array(
  ("・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
    + "\u{3099}\u{309A}").unicodeScalars)

/// Composes letters with their marks: Unicode's canonical composition, as far as words need it.
private func composed(_ word: String.UnicodeScalarView) -> String {
  let text = String(word)
  let isComposed = word.allSatisfy {
    $0.properties.canonicalCombiningClass == .notReordered && !isConjoining($0) && !$0.isMark
  }
  if isComposed { return text }
  var result = String.UnicodeScalarView()
  for character in text {
    if character.unicodeScalars.count == 1 {
      result.append(contentsOf: character.unicodeScalars)
    } else if let letter = composedLetter(character) {
      result.append(contentsOf: letter.unicodeScalars)
    } else {
      compose(character, into: &result)
    }
  }
  return String(result)
}

private func composedLetter(_ character: Character) -> Character? {
  composedLetters.firstIndex(of: character).map { composedLetters[$0] }
}

/// Where no letter is the whole: marks in canonical order, each joined to the newest code point
/// that is no reordered mark, unless another mark of its class stands between.
private func compose(_ character: Character, into result: inout String.UnicodeScalarView) {
  var joined: [Unicode.Scalar] = []
  var starter = 0
  for scalar in canonicallyOrdered(Array(character.unicodeScalars)) {
    let rank = combiningRank(scalar)
    let isBlocked = starter + 1 < joined.count && combiningRank(joined[joined.count - 1]) >= rank
    if !isBlocked, starter < joined.count, let whole = join(joined[starter], scalar) {
      joined[starter] = whole
      continue
    }
    if rank == 0 { starter = joined.count }
    joined.append(scalar)
  }
  result.append(contentsOf: joined)
}

private func join(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
  if let syllable = joinedHangul(first, second) { return syllable }
  let pair = String(String.UnicodeScalarView([first, second]))
  guard pair.count == 1 else { return nil }
  return composedLetter(Character(pair))?.unicodeScalars.first
}

private func combiningRank(_ scalar: Unicode.Scalar) -> UInt8 {
  scalar.properties.canonicalCombiningClass.rawValue
}

/// Runs of marks in ascending combining class; equal ones stay as they are.
private func canonicallyOrdered(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
  var ordered: [Unicode.Scalar] = []
  for scalar in scalars {
    let rank = combiningRank(scalar)
    var index = ordered.count
    while rank > 0, index > 0,
      combiningRank(ordered[index - 1]) > rank
    {
      index -= 1
    }
    ordered.insert(scalar, at: index)
  }
  return ordered
}

private func isConjoining(_ scalar: Unicode.Scalar) -> Bool {
  (0x1100...0x11FF).contains(scalar.value)
}

/// A leading and a vowel, or a syllable and a trailing jamo, as one syllable (Unicode, 3.12).
private func joinedHangul(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
  if (0x1100...0x1112).contains(first.value), (0x1161...0x1175).contains(second.value) {
    let syllable = (first.value - 0x1100) * 588 + (second.value - 0x1161) * 28
    return Unicode.Scalar(0xAC00 + syllable)
  }
  if (0xAC00...0xD7A3).contains(first.value), (first.value - 0xAC00) % 28 == 0,
    (0x11A8...0x11C2).contains(second.value)
  {
    return Unicode.Scalar(first.value + second.value - 0x11A7)
  }
  return nil
}
