import Testing

@testable import roost_bench

@Suite struct LoadOptionsTests {
  private static let least = ["--address", "localhost:7667", "--workload", "ping"]

  private func options(_ words: String...) throws -> LoadOptions {
    try LoadOptions(Self.least + words)
  }

  @Test func `what is not said is as help says`() throws {
    let options = try options()
    #expect(options.connections == 50 && options.pipeline == 1 && options.pacing == .closed)
    #expect(options.address.host == "localhost" && options.address.port == "7667")
  }

  @Test func `a rate makes the loop open`() throws {
    #expect(try options("--rate", "250").pacing == .open(rate: 250))
    #expect(throws: UsageError.self) { _ = try options("--rate", "250", "--closed") }
  }

  @Test func `what comes after two dashes is the command`() throws {
    #expect(try options("--seed", "3", "--", "GET", "--x").command == ["GET", "--x"])
  }

  @Test(arguments: [
    ("connections", LoadOptions.connectionsMax), ("pipeline", LoadOptions.pipelineMax),
    ("count", LoadOptions.countMax), ("members", LoadOptions.membersMax),
  ])
  func `numbers go up to their bound`(name: String, max: Int) throws {
    _ = try options("--\(name)", String(max))
    #expect(throws: UsageError.self) { _ = try options("--\(name)", String(max + 1)) }
    #expect(throws: UsageError.self) { _ = try options("--\(name)", "0") }
  }

  @Test(arguments: [
    ("rate", LoadOptions.rateMax), ("seconds", LoadOptions.secondsMax),
    ("warmup", LoadOptions.secondsMax),
  ])
  func `times and rates go up to their bound`(name: String, max: Double) throws {
    _ = try options("--\(name)", String(max))
    #expect(throws: UsageError.self) { _ = try options("--\(name)", String(max + 1)) }
    #expect(throws: UsageError.self) { _ = try options("--\(name)", "0") }
  }

  @Test(arguments: [
    ["--address", "nowhere"], ["--address", ":1"], ["--address", "host:0"],
    ["--address", "host:65536"], ["--what"], ["--seed"], ["ping"],
  ])
  func `words that mean nothing are refused`(words: [String]) {
    #expect(throws: UsageError.self) { _ = try LoadOptions(Self.least + words) }
  }

  @Test func `every workload has a name of its own and is in help`() {
    let names = Workload.all.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(LoadCommand.help.contains("\n  \(name) ")) }
  }
}
