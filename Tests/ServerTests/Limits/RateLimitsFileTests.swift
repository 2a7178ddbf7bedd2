import Domain
import Server
import Testing

@Suite struct RateLimitsFileTests {
  private func text(_ rule: LimitRule, _ limits: RateLimits) -> String {
    limits[rule].map(\.description).joined(separator: " ")
  }

  @Test func `an empty file is the default`() throws {
    #expect(try RateLimits(file: "") == .standard)
    #expect(try RateLimits(file: "\n# nothing\r\n   \n\t# posts 1/1s") == .standard)
  }

  @Test(arguments: [
    (LimitRule.reads, "3000/5m"), (.posts, "10/1m 300/1d"), (.replies, "60/1h"),
    (.likes, "1000/1h"), (.follows, "400/1d"), (.messages, "60/1m 3000/1d"), (.logins, "10/15m"),
    (.readsPerAddress, "3000/5m"), (.loginsPerAddress, "10/15m"), (.signupsPerAddress, "5/1h"),
    (.wrongPasswords, "10/15m 100/1d"),
  ])
  func `the defaults are those that are documented`(rule: LimitRule, expected: String) throws {
    #expect(text(rule, .standard) == expected)
    #expect(RateLimits.standard.exemptScopes == [.service, .admin])
    #expect(text(rule, .off) == "")
    // A file that says the same says nothing.
    #expect(try RateLimits(file: "\(rule.name) \(expected)") == .standard)
  }

  @Test func `a line takes the place of the default, and the others stay`() throws {
    let limits = try RateLimits(
      file: """
        posts 3/1m   20/2h # fewer
        likes off\r
        \twrong-passwords 5/90s
        exempt admin 10.0.0.7 2001:db8:1:2::9
        """)
    #expect(text(.posts, limits) == "3/1m 20/2h")
    #expect(text(.likes, limits) == "")
    #expect(text(.wrongPasswords, limits) == "5/90s")
    #expect(text(.replies, limits) == "60/1h")
    #expect(limits.exemptScopes == [.admin])
    let addresses = ["10.0.0.7", "2001:db8:1:2::"].compactMap { NetworkAddress(host: $0) }
    #expect(addresses.count == 2 && limits.exemptAddresses == Set(addresses))
    let nobody = try RateLimits(file: "exempt none")
    #expect(nobody.exemptScopes.isEmpty && nobody.exemptAddresses.isEmpty)
    #expect(nobody.isOn && !RateLimits.off.isOn)
  }

  @Test(arguments: [
    ("posts 10/1m\nlike 1/1s", "line 2: there is no limit 'like'"),
    ("\n\nPosts 1/1s", "line 3: there is no limit 'Posts'"),
    ("posts 1/1s\n# posts\nposts 2/1s", "line 3: posts is given twice, first in line 1"),
    ("exempt none\nexempt none", "line 2: exempt is given twice, first in line 1"),
    ("posts", "line 1: posts needs an allowance such as 10/1m, or off"),
    ("posts 10", "line 1: '10' is no allowance"), ("posts 10/m", "line 1: '10/m' is no allowance"),
    ("posts 10/1", "line 1: '10/1' is no allowance"),
    ("posts 10/1w", "line 1: '10/1w' is no allowance"),
    ("posts -1/1m", "line 1: '-1/1m' is no allowance"),
    ("posts +1/1m", "line 1: '+1/1m' is no allowance"),
    ("posts 1/1m/1m", "line 1: '1/1m/1m' is no allowance"),
    ("posts 1 / 1m", "line 1: '1' is no allowance"), ("posts /", "line 1: '/' is no allowance"),
    ("posts 10/1m off", "line 1: 'off' is no allowance"),
    ("posts 0/1m", "line 1: the count in '0/1m' is not 1 to 1000000000"),
    ("posts 1000000001/1m", "line 1: the count in '1000000001/1m' is not 1 to"),
    ("posts 99999999999999999999/1m", "is not 1 to 1000000000"),
    ("posts 1/0s", "line 1: the time in '1/0s' is not 1s to 31d"),
    ("posts 1/32d", "line 1: the time in '1/32d' is not 1s to 31d"),
    ("posts 1/9223372036854775807d", "is not 1s to 31d"),
    ("posts 1/1s 1/2s 1/3s 1/4s 1/5s", "line 1: posts takes at most 4 allowances"),
    (
      "posts 1/60s 2/1m", "line 1: posts has two allowances for the same time, the second is '2/1m'"
    ),
    ("exempt", "line 1: exempt needs"), ("exempt write", "line 1: exempt takes service"),
    ("exempt admin none", "not 'none'"), ("exempt 10.0.0.0/8", "not '10.0.0.0/8'"),
  ])
  func `what is wrong is named with its line`(file: String, sentence: String) {
    let error = #expect(throws: LimitsFileError.self) { try RateLimits(file: file) }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }

  @Test func `four allowances and the largest numbers are fine`() throws {
    let limits = try RateLimits(file: "posts 1/1s 2/2s 3/3s 1000000000/31d")
    #expect(text(.posts, limits) == "1/1s 2/2s 3/3s 1000000000/31d")
    #expect(limits[.posts].count == RateLimits.allowancesMax)
  }
}

@Suite struct NetworkAddressTests {
  @Test(arguments: [
    ("1.2.3.4:5", "1.2.3.4:60000", true), ("1.2.3.4:5", "1.2.3.5:5", false),
    ("[2001:db8:1:2::1]:5", "[2001:db8:1:2:ffff:ffff:ffff:ffff]:6", true),
    ("[2001:db8:1:2::1]:5", "[2001:db8:1:3::1]:5", false), ("[::1]:5", "[::2]:5", true),
    ("[::ffff:1.2.3.4]:5", "1.2.3.4:5", true), ("[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.5]:5", false),
    ("[fe80::1%eth0]:5", "[fe80::2]:5", true), ("0.0.0.1:5", "[::1]:5", false),
    ("?", "simulated:7", true), ("?", "0.0.0.0:1", false),
  ])
  func `IPv4 counts whole, IPv6 by its first 64 bits`(one: String, other: String, isSame: Bool) {
    #expect((NetworkAddress(peer: one) == NetworkAddress(peer: other)) == isSame)
  }

  @Test func `what is no address is not known`() {
    #expect(NetworkAddress(peer: "") == .unknown && NetworkAddress(peer: "x:1") == .unknown)
    #expect(NetworkAddress(host: "1.2.3") == nil && NetworkAddress(host: "localhost") == nil)
  }
}
