import Domain
import Engine
import Journal
import Testing

@testable import roost

/// `roost replay --events`, `--entity` and `roost why` on the golden town of three people.
@Suite struct HistoryCommandTests {
  @Test(arguments: [
    (["replay", "--data", "x", "--own"], "--own is for --events"),
    (["replay", "--data", "x", "--limit", "3"], "--limit is for --events"),
    (["replay", "--data", "x", "--events", "--own"], "--own is for an --entity"),
    (["replay", "--data", "x", "--events", "--trending"], "either --events or --trending"),
    (["replay", "--data", "x", "--events", "--key", "k"], "--key needs an --actor"),
    (["replay", "--data", "x", "--events", "--actor", "alice"], "'alice' is nobody"),
    (["replay", "--data", "x", "--events", "--actor", "tag:a"], "'tag:a' is nobody"),
    (["replay", "--data", "x", "--events", "--type", "post.like"], "did you mean post.liked"),
    (["replay", "--data", "x", "--events", "--type", "post.liked,"], "there is no event ''"),
    (["replay", "--data", "x", "--events", "--since", "soon"], "neither a position nor a time"),
    (["replay", "--data", "x", "--events", "--limit", "-1"], "whole number"),
    (["why", "--data", "x"], "ask home:NAME POST"),
    (["why", "--data", "x", "home"], "'home' is no question"),
    (["why", "--data", "x", "home:alice"], "which post?"),
    (["why", "--data", "x", "home:alice", "@bob"], "'@bob' is no post"),
    (["why", "--data", "x", "feed:alice", "7"], "'feed' cannot be explained"),
    (["why", "--data", "x", "trending:#!", "--json"], "'#!' is no hashtag"),
    (["why", "--data", "x", "trending:#town", "7"], "'7' is too much"),
  ])
  func `what a line cannot mean is bad usage`(words: [String], complaint: String) {
    let shell = Shell("v2")
    #expect(shell.run(words) == .badUsage)
    #expect(shell.errors.contains(complaint), "\(shell.errors)")
  }

  @Test func `events are lines with names, or the JSON of roost tail`() {
    let shell = Shell("v2")
    #expect(shell.run("replay", "--data", shell.data, "--events", "--entity", "user:bob") == .done)
    let lines = shell.output.split(separator: "\n")
    #expect(lines[0].hasSuffix("  2  bob signed up as bob: name \"Bob 🦊\""))
    #expect(lines.contains { $0.hasSuffix("  18  bob let alice follow") })
    #expect(lines.contains { $0.hasSuffix("  15  alice asked to follow bob") })
    #expect(
      shell.run("replay", "--data", shell.data, "--events", "--entity", "user:bob", "--own")
        == .done)
    #expect(!shell.output.contains("alice asked to follow bob"))
    #expect(shell.output.contains("bob let alice follow"))

    #expect(shell.run("tail", "--data", shell.data, "--from", "1", "--json") == .done)
    let tail = shell.output
    #expect(shell.run("replay", "--data", shell.data, "--events", "--json") == .done)
    #expect(shell.output == tail)
    #expect(
      shell.run(
        "replay", "--data", shell.data, "--events", "--json", "--since", "11", "--until", "20",
        "--type", "user.followed,user.unfollowed") == .done)
    #expect(
      shell.output.split(separator: "\n")
        == tail.split(separator: "\n")[10..<20].filter { $0.contains("ollowed\"") })
  }

  @Test func `a limit is kept, and where to go on is said`() {
    let shell = Shell("v2")
    let query = ["replay", "--data", shell.data, "--events", "--actor", "user:alice"]
    #expect(shell.run(query) == .done)
    let all = shell.output.split(separator: "\n")
    #expect(shell.run(query + ["--limit", "\(all.count)"]) == .done)
    #expect(shell.output.split(separator: "\n") == all && shell.errors == "")
    #expect(shell.run(query + ["--limit", "\(all.count - 1)"]) == .done)
    #expect(shell.output.split(separator: "\n") == all.dropLast())
    let next = shell.errors.split(separator: " ").last?.dropLast() ?? ""
    #expect(shell.run(query + ["--since", String(next)]) == .done)
    #expect(shell.output.split(separator: "\n") == all.suffix(1))
    #expect(shell.run(query + ["--limit", "0"]) == .done)
    #expect(shell.output == "")
  }

  @Test func `whoever is not there is not found, and an erased person is nameless`() {
    let shell = Shell("v2")
    for words in [["--entity", "user:nobody"], ["--actor", "user:nobody"]] {
      #expect(shell.run(["replay", "--data", shell.data, "--events"] + words) == .wrong)
      #expect(shell.errors.contains("there is no user:nobody"))
    }
    #expect(shell.run("replay", "--data", shell.data, "--entity", "user:nobody") == .wrong)
    #expect(shell.run("why", "--data", shell.data, "home:nobody", "7") == .wrong)
    #expect(shell.run("replay", "--data", shell.data, "--events", "--entity", "user:erna") == .done)
    #expect(shell.output.contains("GONE signed up (erased)"))
    #expect(!shell.output.contains("erna"))
  }

  @Test func `why says that there is no such post`() throws {
    let shell = Shell("v2")
    #expect(
      shell.run("replay", "--data", shell.data, "--events", "--json", "--type", "chat.opened")
        == .done)
    let chat = try #require(
      shell.output.split(separator: "\"").first { $0.hasPrefix("chat:") }?.dropFirst(5))
    for id in ["1", String(chat)] {
      #expect(shell.run("why", "home:alice", id, "--data", shell.data) == .wrong)
      #expect(
        shell.output.hasPrefix(
          "post \(id) is not in the home of alice, because there is no such post\n"))
      #expect(shell.run("why", "inbox:alice", id, "--data", shell.data) == .wrong)
      #expect(
        shell.output.hasPrefix(
          "there is nothing in the inbox of alice about post \(id), because there is no such post\n"
        ))
    }
  }

  @Test func `why says that whoever asks is erased`() throws {
    let shell = Shell("v2")
    let events = ["replay", "--data", shell.data, "--events"]
    #expect(shell.run(events + ["--type", "user.erased"]) == .done)
    let erasure = try #require(shell.output.split(separator: "\n").first)
    let position = try #require(erasure.split(separator: " ").dropFirst().first)
    #expect(shell.run(events + ["--type", "post.published", "--json", "--limit", "1"]) == .done)
    let post = try #require(
      shell.output.split(separator: "\"").first { $0.hasPrefix("post:") }?.dropFirst(5))
    for place in ["home", "inbox"] {
      #expect(shell.run("why", "\(place):erna", String(post), "--data", shell.data) == .done)
      #expect(
        shell.output.contains(", because this account was erased at position \(position)\n"))
      #expect(shell.output.contains("  \(erasure)\n"))
    }
    #expect(
      shell.run("why", "home:erna", String(post), "--data", shell.data, "--json") == .done)
    #expect(shell.output.contains(#""verdict":false,"reason":"viewer_erased""#))
  }

  @Test func `why names the verdict first, and cites positions`() throws {
    let shell = Shell("v2")
    let events = ["replay", "--data", shell.data, "--events"]
    #expect(shell.run(events + ["--type", "post.published", "--json", "--limit", "1"]) == .done)
    let post = try #require(
      shell.output.split(separator: "\"").first { $0.hasPrefix("post:") }?.dropFirst(5))
    #expect(shell.run("why", "home:carla", String(post), "--data", shell.data) == .done)
    #expect(
      shell.output.hasPrefix(
        "post \(post) by alice is in the home of carla, because carla follows alice\n"))
    #expect(shell.output.contains("  11  carla followed alice\n"))
    #expect(
      shell.run("why", "home:carla", String(post), "--data", shell.data, "--until", "20") == .done)
    #expect(shell.output.contains("there is none yet: it is written at position 28"))
    #expect(shell.run("why", "inbox:bob", String(post), "--data", shell.data, "--json") == .done)
    #expect(shell.output.contains(#""verdict":true"#) && shell.output.contains("mention"))
    #expect(shell.run("why", "inbox:bob", "@alice", "--data", shell.data) == .done)
    #expect(shell.output.hasPrefix("there is something by alice in the inbox of bob"))
    #expect(
      shell.run("why", "trending:#town", "--data", shell.data, "--until", "2012-07-04T00:20:00Z")
        == .done)
    #expect(shell.output.hasPrefix("#town is trending, because its score is "))
  }
}
