import Testing
import Wire

@testable import roost_bench

@Suite struct RequestTests {
  /// The next requests of a connection, as the server reads them.
  private func next(
    _ count: Int, of source: inout some RequestSource, for connection: Int = 0
  ) throws -> [[String]] {
    var bytes: [UInt8] = []
    for _ in 0..<count { source.append(for: connection, to: &bytes) }
    var parser = RequestParser(limits: .authenticated)
    parser.append(bytes)
    var requests: [[String]] = []
    while let request = try parser.next() {
      requests.append(request.arguments.compactMap { $0.text })
    }
    return requests
  }

  @Test func `placeholders are what they stand for`() throws {
    var source = try RequestTemplate(
      ["LPUSH", "key:__c__", "__n__", "a__n__b__c__", "__x:3__"], seed: 1)
    #expect(
      try next(2, of: &source, for: 7) == [
        ["LPUSH", "key:7", "0", "a0b7", "abc"], ["LPUSH", "key:7", "1", "a1b7", "abc"],
      ])
    #expect(source.repliesPerRequest == 1)
  }

  @Test func `numbers at random are below their bound, and all of them come`() throws {
    var source = try RequestTemplate(["GET", "__r:10__", "__z:10__"], seed: 1)
    let requests = try next(1_000, of: &source)
    #expect(Set(requests.map { $0[1] }) == Set((0..<10).map(String.init)))
    #expect(Set(requests.map { $0[2] }) == Set((0..<10).map(String.init)))
    let first = requests.count { $0[2] == "0" }
    #expect(first > 200, "the most popular is drawn most often")
  }

  @Test func `commands that are parted count as one request`() throws {
    var source = try RequestTemplate(
      ["LRANGE", "home:__r:5__", "0", "19", ";", "HMGET", "post:1", "text"], seed: 1)
    #expect(source.repliesPerRequest == 2)
    let requests = try next(1, of: &source)
    #expect(requests.map { $0[0] } == ["LRANGE", "HMGET"])
  }

  @Test(arguments: [
    ["GET", "__q__"], ["GET", "__r:0__"], ["GET", "__n:3__"], ["GET", "a__n"], [";"], [],
  ])
  func `a template that means nothing is refused`(words: [String]) {
    #expect(throws: UsageError.self) { _ = try RequestTemplate(words, seed: 1) }
  }

  @Test func `text is bounded`() throws {
    _ = try RequestTemplate(["SET", "__x:\(RequestTemplate.bytesMax)__"], seed: 1)
    #expect(throws: UsageError.self) {
      _ = try RequestTemplate(["SET", "__x:\(RequestTemplate.bytesMax + 1)__"], seed: 1)
    }
  }

  @Test func `each connection does everything, then undoes everything, and so on`() throws {
    let names = (0..<6).map(String.init)
    var source = TogglingRequests(
      doing: names.map { ["LIKE", $0] }, undoing: names.map { ["UNLIKE", $0] }, connections: 2)
    for connection in 0..<2 {
      var liked: Set<String> = []
      for request in try next(18, of: &source, for: connection) {
        let changes =
          request[0] == "LIKE"
          ? liked.insert(request[1]).inserted : liked.remove(request[1]) != nil
        #expect(changes, "\(request) changes nothing")
      }
      #expect(liked == Set(names))
    }
  }

  @Test func `a mix has each source as often as its weight says`() throws {
    var source = MixedRequests(
      [
        (9, PreparedRequests([["READ"]], seed: 1)), (1, PreparedRequests([["WRITE"]], seed: 1)),
      ], seed: 3)
    let writes = try next(10_000, of: &source).count { $0 == ["WRITE"] }
    #expect((900...1_100).contains(writes))
  }

  @Test func `due times keep their distance and end`() {
    var due = DueTimes(from: 1_000, rate: 1e6, until: 4_000)
    #expect(due.take(999) == nil)
    #expect(due.take(1_000) == 1_000)
    #expect(due.take(1_999) == nil)
    #expect(due.take(5_000) == 2_000)
    #expect(due.take(5_000) == 3_000)
    #expect(due.next == nil)
    #expect(due.take(9_000) == nil)
    #expect(due.given == 3)
  }
}
