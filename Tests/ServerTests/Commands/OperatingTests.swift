import Domain
import Journal
import Server
import Synchronization
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct OperatingTests {
  @Test func `METRICS counts calls and errors by command`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for _ in 0..<3 { #expect(await alice("WHOAMI").code == nil) }
    #expect(await alice("GET", "1").code == "NOTFOUND")
    let lines = Set(world.service.metrics().split(separator: "\n").map(String.init))
    #expect(lines.contains(#"roost_commands_total{command="WHOAMI"} 3"#))
    #expect(lines.contains(#"roost_commands_total{command="GET"} 1"#))
    #expect(lines.contains(#"roost_command_errors_total{command="GET",code="NOTFOUND"} 1"#))
    #expect(lines.contains(#"roost_command_seconds_count{class="read"} 1"#))
    #expect(lines.contains("roost_journal_waiting_events 0"))
    #expect(lines.contains("roost_journal_events_total \(world.journal.durable.raw)"))
  }

  @Test func `METRICS, CONFIG and the journal are for admins`() async throws {
    let world = try await TestWorld()
    let alice = await world.person("alice")
    for command in [
      ["METRICS"], ["CONFIG", "GET", "*"], ["CONFIG", "SET", "private", "no"],
      ["JOURNAL", "TAIL", "1"], ["JOURNAL", "VERIFY"],
    ] {
      #expect(await alice.call(command).code == "DENIED")
    }
  }

  @Test(arguments: [
    (10_000, 0), (10_001, 1), (25_000, 1), (25_001, 2), (10_000_000_000, 18),
    (10_000_000_001, 19), (0, 0),
  ])
  func `a duration falls into the first bucket that holds it`(
    _ nanoseconds: UInt64, _ bucket: Int
  ) {
    var histogram = LatencyHistogram()
    histogram.note(nanoseconds: nanoseconds)
    #expect(histogram.counts.firstIndex(of: 1) == bucket)
    #expect(histogram.count == 1 && histogram.sum == nanoseconds)
  }

  @Test func `settings that change are seen at once`() async throws {
    let world = try await TestWorld()
    let nobody = await world.connect()
    #expect(await nobody("PUBLIC").code == nil)
    world.service.current.isPrivate = true
    #expect(await nobody("PUBLIC").code == "NOAUTH")
    world.service.current.isPrivate = false
    #expect(await nobody("PUBLIC").code == nil)
  }
}
