import Domain
import Testing

struct TextScannerTests {
  @Test(
    arguments: [
      ("#higgs", ["higgs"]), ("a #Higgs, #BOSON!", ["higgs", "boson"]), ("#a #A #a", ["a"]),
      ("no#tag", []), ("1#tag _#tag", []), ("(#tag)", ["tag"]), ("##tag", ["tag"]),
      ("#2012", []), ("#２０１２", []), ("#4july", ["4july"]), ("#july_4", ["july_4"]), ("#_", ["_"]),
      ("#", []), ("# tag", []), ("#-tag", []), ("#one#two", ["one"]),
      ("#tag's", ["tag"]), ("#über", ["über"]), ("#日本語タグ", ["日本語タグ"]), ("#тест", ["тест"]),
      ("#हिन्दी", ["हिन्दी"]), ("#1️⃣", []), ("#️⃣", []), ("🎉#tag🎉", ["tag"]), ("é#tag", []),
      ("＃日本", ["日本"]), ("日本＃タグ", []), ("https://x.org/#part", []), ("\n#tag\r\n", ["tag"]),
      ("x.org?tag=#part", []), ("#c++", ["c"]), ("#٣abc", ["٣abc"]), ("#٣", []),
    ] as [(String, [String])])
  func `hashtags in a text`(text: String, expected: [String]) throws {
    #expect(try TextScanner.scan(text).tags.map(\.text) == expected)
  }

  @Test(
    arguments: [
      ("@anna", ["anna"]), ("hi @Anna, @BERT_2!", ["anna", "bert_2"]), ("@anna @ANNA", ["anna"]),
      ("mail anna@example.com", []), ("@anna@example.com", []), ("@an", []), ("@", []),
      ("@@anna", ["anna"]),
      ("@annä", []), ("ä@anna", []), ("_@anna", []), (".@anna", ["anna"]), ("@anna.", ["anna"]),
      ("@" + String(repeating: "a", count: 30), [String(repeating: "a", count: 30)]),
      ("@" + String(repeating: "a", count: 31), []), ("#tag@anna", []), ("@anna's", ["anna"]),
      ("(@anna)", ["anna"]), ("日@anna", []), ("https://x.org/@anna/1", []), ("x.org?by=@anna", []),
    ] as [(String, [String])])
  func `mentions in a text`(text: String, expected: [String]) throws {
    #expect(try TextScanner.scan(text).mentions.map(\.text) == expected)
  }

  @Test func `hashtags beyond the bound are not found`() throws {
    let text = (1...40).map { "#t\($0)" }.joined(separator: " ")
    #expect(try TextScanner.scan(text).tags.map(\.text) == (1...30).map { "t\($0)" })
  }

  @Test func `more mentions than the bound are refused`() throws {
    func text(_ count: Int) -> String {
      (1...count).map { "@user\($0)" }.joined(separator: " ")
    }
    #expect(try TextScanner.scan(text(50) + " @user1").mentions.count == 50)
    #expect(throws: Rejection.tooManyMentions) { try TextScanner.scan(text(51)) }
  }

  @Test func `a hashtag has at most 200 bytes`() throws {
    let long = String(repeating: "é", count: 100)
    #expect(try TextScanner.scan("#" + long).tags.map(\.text) == [long])
    #expect(try TextScanner.scan("#" + long + "e").tags == [])
  }
}

struct TagFoldingTests {
  @Test(arguments: [
    ("Higgs", "higgs"), ("#Higgs", "higgs"), ("ＨＩＧＧＳ", "higgs"), ("＃ｈｉｇｇｓ", "higgs"),
    ("ｶﾀｶﾅ", "カタカナ"), ("ｶﾞｷﾞﾊﾟ", "ガギパ"), ("か\u{3099}", "が"), ("ﾡﾢ", "ㄱㄲ"),
    ("STRASSE", "strasse"), ("Straße", "strasse"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ"), ("σίσυφος", "σίσυφοσ"),
    ("e\u{301}te\u{301}", "été"), ("E\u{301}TÉ", "été"), ("vie\u{323}\u{302}t", "việt"),
    ("vie\u{302}\u{323}t", "việt"), ("viê\u{323}t", "việt"), ("\u{1112}\u{1161}\u{11AB}", "한"),
    ("q\u{301}\u{323}", "q\u{323}\u{301}"),
    ("a\u{305}\u{301}", "a\u{305}\u{301}"), ("ক\u{9C7}\u{9BE}", "ক\u{9CB}"), ("TÜRKIYE", "türkiye"),
    ("ılık", "ılık"), ("ТЕСТ", "тест"), ("Й", "й"), ("И\u{306}", "й"),
  ])
  func `case, width and composition make no difference`(text: String, expected: String) throws {
    let tag = try #require(Hashtag(text))
    #expect(Array(tag.text.unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test(arguments: ["", "#", "12", "a b", "a-b", "##a", "\u{301}a", "é!", "#a#"])
  func `what is no word is no hashtag`(text: String) {
    #expect(Hashtag(text) == nil)
  }

  @Test func `folding what is folded changes nothing, for every letter`() throws {
    var letters = 0
    for value in 0x21...0x1_FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value), let tag = Hashtag("a" + String(scalar)) else {
        continue
      }
      letters += 1
      let again = try #require(Hashtag(tag.text))
      #expect(again.text.utf8.elementsEqual(tag.text.utf8), "U+\(String(value, radix: 16))")
      let upper = Hashtag("A" + String(scalar).uppercased())
      if scalar != "ı" { #expect(upper == tag, "U+\(String(value, radix: 16))") }
    }
    #expect(letters > 60_000)
  }
}

struct TextRulesTests {
  static func code(_ check: () throws(Rejection) -> Void) -> Rejection.Code? {
    do {
      try check()
      return nil
    } catch {
      return error.code
    }
  }

  @Test(arguments: [
    ("x", true), ("", false), (" \n\r\t\u{A0}\u{2003}\u{3000}", false), ("a\r\nb", true),
    (String(repeating: "x", count: 5_000), true), (String(repeating: "x", count: 5_001), false),
    (String(repeating: "👨‍👩‍👧‍👦", count: 5_000), true),
    (String(repeating: "👨‍👩‍👧‍👦", count: 5_001), false),
    (String(repeating: "\r\n", count: 4_999) + "x", true),
    ("x" + String(repeating: "\u{301}", count: 150_000), false),
  ])
  func `a text has 1 to 5 000 characters and is not blank`(text: String, isFine: Bool) {
    let code = Self.code { () throws(Rejection) in try validatePostText(text) }
    #expect(code == (isFine ? nil : .invalid))
  }

  @Test(arguments: [(9, false), (10, true), (256, true), (257, false)])
  func `a password has 10 to 256 bytes`(count: Int, isFine: Bool) {
    let password = String(repeating: "p", count: count)
    let code = Self.code { () throws(Rejection) in try validatePassword(password) }
    #expect(code == (isFine ? nil : .invalid))
  }

  @Test func `passwords are measured in bytes`() {
    let password = String(repeating: "é", count: 5)
    #expect(Self.code { () throws(Rejection) in try validatePassword(password) } == nil)
  }

  @Test(arguments: [("", true), ("a@b", true), ("a b@c", false), ("a@", false), ("ab", false)])
  func `an address looks like one`(email: String, isFine: Bool) {
    let code = Self.code { () throws(Rejection) in try validateEmail(email) }
    #expect(code == (isFine ? nil : .invalid))
  }
}
