import Domain
import Engine
import Testing
import Wire

@testable import Server

extension TestWorld {
  /// With the limits of a file.
  convenience init(limitedBy file: String) async throws {
    var settings = Settings()
    settings.rateLimits = try RateLimits(file: file)
    try await self.init(settings: settings)
  }

  /// A number of INFO's section Limits.
  func count(_ name: String) -> Int? {
    service.limiter.info.first { $0.0 == name }.flatMap { Int($0.1) }
  }
}

extension Reply {
  /// The milliseconds of `LIMIT retry after … ms`.
  var retryAfterMs: Int64? {
    guard case .error("LIMIT", let message) = self else { return nil }
    let words = message.split(separator: " ")
    guard words.count > 3, words[0] == "retry", words[1] == "after", words[3].hasPrefix("ms") else {
      return nil
    }
    return Int64(words[2])
  }
}

@Suite(.timeLimit(.minutes(1)))
struct RateLimitTests {
  /// Each class with a command that counts towards it.
  private static let classes: [(rule: String, words: [String])] = [
    ("reads", ["HOME"]), ("posts", ["POST", "hello"]), ("replies", ["REPLY", "<post>", "yes"]),
    ("replies", ["POST", "yes", "REPLY", "<post>"]), ("likes", ["LIKE", "<post>"]),
    ("follows", ["FOLLOW", "bob"]), ("messages", ["DM", "bob", "hello"]),
    ("logins", ["TOKEN", "NEW"]),
  ]

  @Test func `each channel that is resumed is a read, also of who is not logged in`() async throws {
    let world = try await TestWorld(limitedBy: "reads-per-address 2/1m")
    let guest = await world.connect()
    #expect(await guest("SUBSCRIBE", "public@0").elements.count == 3)
    #expect(await guest("SUBSCRIBE", "tag:cern@0").elements.count == 3)
    #expect(await guest("SUBSCRIBE", "tag:muon@0").code == "LIMIT")
    #expect(await guest("SUBSCRIBE", "tag:muon").elements.count == 3)
  }

  @Test(arguments: classes)
  func `a class allows its count, and the time to wait is true`(
    rule: String, words: [String]
  ) async throws {
    let world = try await TestWorld(limitedBy: "\(rule) 3/1m")
    _ = await world.person("bob")
    let post = await world.person("carol")("POST", "first").string ?? ""
    let alice = await world.person("alice")
    let words = words.map { $0 == "<post>" ? post : $0 }
    for _ in 0..<3 { #expect(await alice.call(words).code == nil) }
    world.clock.advance(ms: 1)
    for _ in 0..<5 {
      #expect(
        await alice.call(words)
          == .error(
            code: "LIMIT", message: "retry after 19999 ms: the limit is \(rule) 3/1m"))
    }
    world.clock.advance(ms: 19_998)
    #expect(await alice.call(words).retryAfterMs == 1)
    world.clock.advance(ms: 1)
    #expect(await alice.call(words).code == nil)
    #expect(await alice.call(words).retryAfterMs == 20_000)
    // Nobody else is concerned, nor anything else of hers.
    #expect(await alice("PING") == .simple("PONG"))
    #expect(await alice(rule == "reads" ? "TOKEN" : "HOME", "NEW").code != "LIMIT")
    #expect(await world.person("dave").call(words).code == nil)
    #expect(world.count("limits_refused_\(rule)") == 7)
  }

  @Test func `a post has two limits, and answering does not count as posting`() async throws {
    let world = try await TestWorld(limitedBy: "")
    let alice = await world.person("alice")
    let post = await alice("POST", "first").string ?? ""
    for _ in 0..<9 { #expect(await alice("POST", "more").code == nil) }
    #expect(await alice("POST", "more").retryAfterMs == 6_000)
    #expect(await alice("POST", "yes", "REPLY", post).code == nil)
    // At a post each six seconds, while the day's 300 regain one each 288 seconds: after 306 posts
    // 299⅚ of the 300 are used.
    var posted = 10
    var waitMs: Int64 = 0
    while waitMs <= 6_000, posted < 1_000 {
      world.clock.advance(ms: waitMs)
      if let refused = await alice("POST", "more").retryAfterMs {
        waitMs = refused
      } else {
        posted += 1
        waitMs = 0
      }
    }
    #expect(posted == 306 && waitMs == 240_000)
    world.clock.advance(ms: waitMs - 1)
    #expect(await alice("POST", "more").retryAfterMs == 1)
    world.clock.advance(ms: 1)
    #expect(await alice("POST", "more").code == nil)
  }

  @Test func `strangers are limited by address: IPv4 whole, IPv6 by 64 bits`() async throws {
    let world = try await TestWorld(limitedBy: "reads-per-address 2/1m\nreads 5/1m")
    for (hosts, other) in [
      (["10.0.0.1", "10.0.0.1", "[::ffff:10.0.0.1]"], "10.0.0.2"),
      (["[2001:db8::1]", "[2001:db8::2]", "[2001:db8::ffff:0:0:1]"], "[2001:db8:0:1::1]"),
    ] {
      for host in hosts.prefix(2) {
        #expect(await world.connect(from: host)("PUBLIC").code == nil)
      }
      let third = await world.connect(from: hosts[2])
      #expect(await third("PUBLIC").retryAfterMs == 30_000)
      #expect(await world.connect(from: other)("PUBLIC").code == nil)
      // Once logged in, the account counts and not the address.
      let name = "from\(world.count("limits_checked") ?? 0)"
      #expect(await third("SIGNUP", name, TestWorld.password).code == nil)
      for _ in 0..<5 { #expect(await third("PUBLIC").code == nil) }
      #expect(await third("PUBLIC").retryAfterMs == 12_000)
    }
    #expect(world.count("limits_refused_reads_per_address") == 2)
    #expect(world.count("limits_refused_reads") == 2)
    #expect(world.count("limits_tracked_accounts") == 2)
  }

  @Test func `an address signs up five in an hour, whoever it is already`() async throws {
    let world = try await TestWorld(limitedBy: "")
    let one = await world.connect()
    for number in 0..<5 {
      let reply = await one("SIGNUP", "person\(number)", TestWorld.password)
      #expect(reply.code == nil)
    }
    #expect(await one("SIGNUP", "person5", TestWorld.password).retryAfterMs == 720_000)
    let another = await world.connect()
    #expect(await another("SIGNUP", "person5", TestWorld.password).retryAfterMs == 720_000)
    let elsewhere = await world.connect(from: "10.0.0.1")
    #expect(await elsewhere("SIGNUP", "person5", TestWorld.password).code == nil)
    world.clock.advance(ms: 720_000)
    #expect(await another("SIGNUP", "person6", TestWorld.password).code == nil)
  }

  @Test func `what cannot be run costs nothing`() async throws {
    let world = try await TestWorld(limitedBy: "posts 1/1m\nreads 1/1m")
    let alice = await world.person("alice")
    #expect(await alice("POST").code == "ERR")
    #expect(await alice("POST", "a", "NONSENSE").code == "INVALID")
    #expect(await alice("TIMELINE", "!").code == "INVALID")
    let stranger = await world.connect()
    #expect(await stranger("POST", "a").code == "NOAUTH")
    #expect(await alice("POST", "a").code == nil)
    #expect(await alice("HOME").code == nil)
    #expect(await alice("POST", "a").code == "LIMIT")
  }

  @Test func `a refused call with a key can be repeated with it`() async throws {
    let world = try await TestWorld(limitedBy: "posts 1/1m")
    let alice = await world.person("alice")
    #expect(await alice("POST", "a").code == nil)
    let waitMs = await alice("POST", "b", "KEY", "k").retryAfterMs ?? 0
    world.clock.advance(ms: waitMs)
    let post = await alice("POST", "b", "KEY", "k").string ?? "none"
    #expect(await alice("GET", post)["text"]?.string == "b")
    #expect(await alice("TIMELINE", "alice").items.count == 2)
  }

  @Test(arguments: ["service", "admin", "moderator", "write", "none"])
  func `only tokens that the file exempts are free`(scope: String) async throws {
    let exempt = scope == "write" ? "service admin" : scope
    let world = try await TestWorld(limitedBy: "reads 2/1m\nexempt \(exempt)")
    let admin = try await world.admin()
    for own in ["service", "admin", "moderator", "write"] {
      let token = await admin("TOKEN", "NEW", "SCOPE", own)["token"]?.string ?? ""
      let holder = await world.connect()
      #expect(await holder("AUTH", token) == .ok)
      world.clock.advance(ms: 60_000)
      for _ in 0..<2 { #expect(await holder("HOME").code == nil) }
      let isFree = exempt.split(separator: " ").contains { $0 == own }
      #expect(await holder("HOME").code == (isFree ? nil : "LIMIT"), "\(own), \(exempt)")
    }
  }

  @Test(arguments: [true, false])
  func `AS is as free as the service's token, or charged to the person`(
    isExempt: Bool
  ) async throws {
    let world = try await TestWorld(
      limitedBy: "posts 2/1m\nexempt \(isExempt ? "service" : "none")")
    let token =
      try await world.admin()("TOKEN", "NEW", "SCOPE", "service")["token"]?.string ?? ""
    let service = await world.connect()
    #expect(await service("AUTH", token) == .ok)
    let alice = await world.person("alice")
    _ = await world.person("bob")
    for _ in 0..<2 { #expect(await service("AS", "alice", "POST", "hello").code == nil) }
    #expect(await service("AS", "alice", "POST", "a").retryAfterMs == (isExempt ? nil : 30_000))
    #expect(await service("AS", "bob", "POST", "hello").code == nil)
    #expect(await alice("POST", "a").code == (isExempt ? nil : "LIMIT"))
  }

  @Test func `an exempt address is free before log-in and after`() async throws {
    let world = try await TestWorld(
      limitedBy: "reads 1/1m\nreads-per-address 1/1m\nsignups-per-address 1/1h\nexempt 10.0.0.7")
    for (host, isFree) in [("10.0.0.7", true), ("10.0.0.8", false)] {
      let stranger = await world.connect(from: host)
      for name in ["one", "two"] {
        let isRefused = name == "two" && !isFree
        #expect(await stranger("PUBLIC").code == (isRefused ? "LIMIT" : nil))
        let reply = await stranger("SIGNUP", "\(name)\(host.suffix(1))", TestWorld.password)
        #expect(reply.code == (isRefused ? "LIMIT" : nil))
        await stranger("LOGOUT")
      }
    }
    #expect(world.count("limits_checked") == 4)
  }

  @Test func `without limits nothing is counted`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for _ in 0..<50 { #expect(await alice("POST", "hello").code == nil) }
    for _ in 0..<20 { #expect(await alice("AUTH", "alice", "a wrong one").code == "NOAUTH") }
    #expect(await alice("AUTH", "alice", TestWorld.password) == .ok)
    #expect(world.count("limits_checked") == 0)
    #expect(await world.person("ada")("INFO", "limits").string?.contains("limits:off") == true)
  }

  @Test func `a limit is answered at once, though earlier writes wait for the disk`() async throws {
    var settings = Settings()
    settings.rateLimits = try RateLimits(file: "reads 1/1m")
    let world = try await TestWorld(isAutomatic: false, settings: settings)
    let alice = await world.connect()
    await alice.send("SIGNUP", "alice", TestWorld.password)
    await world.settle()
    try world.commit()
    #expect(await alice.next().code == nil)
    let other = await world.connect()
    await other.send("AUTH", "alice", TestWorld.password)
    #expect(await other.next() == .ok)
    await alice.send("POST", "not durable yet")
    await world.settle()
    #expect(await other("UNREAD").int == 0)
    #expect(await other("UNREAD").retryAfterMs == 60_000)
    try world.commit()
    #expect(await alice.next().code == nil)
  }
}
