import Domain
import Engine
import Journal
import Testing

@testable import roost

/// Runs commands on a copy of the golden data and keeps what they say.
private final class Shell {
  let directory = TemporaryDirectory()
  private(set) var output = ""
  private(set) var errors = ""

  init(_ version: String = "v1") {
    copyTree(packagePath() + "/Snapshots/\(version)/data", to: data)
  }

  var data: String { directory.file("data") }

  func run(_ words: String...) -> roost.ExitStatus { run(words) }

  func run(_ words: [String]) -> roost.ExitStatus {
    output = ""
    errors = ""
    let terminal = Terminal(isInteractive: false) { [self] bytes, stream in
      let text = String(decoding: bytes, as: UTF8.self)
      switch stream {
      case .output: output += text
      case .errors: errors += text
      }
    }
    let commands: [any Subcommand.Type] = [
      ImportCommand.self, StatCommand.self, VerifyCommand.self, ReplayCommand.self,
      RebuildCommand.self, TailCommand.self, CheckpointCommand.self, ProveCommand.self,
    ]
    return CommandRegistry(commands: commands).run(words, terminal)
  }
}

@Suite struct CommandLineTests {
  @Test(arguments: [
    ([], "no command"), (["fly"], "no command 'fly'"), (["stat"], "--data DIR is missing"),
    (["stat", "--data"], "--data needs a value"),
    (["stat", "--data", "x", "--data=y"], "given twice"),
    (["stat", "--data", "x", "--colour"], "no option --colour"),
    (["stat", "--data", "x", "--json=yes"], "takes no value"),
    (["stat", "x"], "'x' is no option"), (["tail", "--data", "x", "--from", "-1"], "whole number"),
    (["replay", "--data", "x", "--until", "soon"], "neither a position nor a time"),
    (["replay", "--data", "x", "--entity", "alice"], "is no entity"),
    (["replay", "--data", "x", "--entity", "user:a", "--trending"], "either"),
    (["rebuild", "--data", "x", "--projection", "z"], "no projection 'z'"),
    (["import", "--data", "x"], "--follows EDGES is missing"),
    (["verify", "--data", "x", "--key", "k"], "--key is for a --checkpoint"),
    (["verify", "--data", "x", "--checkpoint", "c", "--key", "k"], "is no public key"),
    (["checkpoint", "--data", "x", "--name", "a b"], "--name takes"),
    (["prove", "--data", "x"], "either a POSITION or --between"),
    (["prove", "--data", "x", "7", "--between", "1", "2"], "either a POSITION or --between"),
    (["prove", "--data", "x", "7", "8"], "'8' is no option"),
    (["prove", "--data", "x", "--POSITION", "8"], "no option --POSITION"),
    (["prove", "--data", "x", "0"], "positions begin at 1"),
    (["prove", "--data", "x", "seven"], "POSITION takes a whole number"),
    (["prove", "--data", "x", "--between", "5"], "--between needs 2 values"),
    (["prove", "--data", "x", "--between", "5", "4"], "the smaller size first"),
    (["prove", "--data", "x", "--between", "1", "2", "--checkpoint", "c"], "goes with POSITION"),
  ])
  func `bad usage is one sentence on standard error and exit status 2`(
    words: [String], sentence: String
  ) {
    let shell = Shell()
    var said = ""
    let terminal = Terminal(isInteractive: false) { bytes, stream in
      #expect(stream == .errors)
      said += String(decoding: bytes, as: UTF8.self)
    }
    let status = CommandRegistry(commands: [
      StatCommand.self, TailCommand.self, ReplayCommand.self, RebuildCommand.self,
      ImportCommand.self, VerifyCommand.self, CheckpointCommand.self, ProveCommand.self,
    ]).run(words, terminal)
    #expect(status == .badUsage)
    #expect(said.hasPrefix("roost: ") && said.contains(sentence))
    #expect(said.split(separator: "\n").count == 1)
    _ = shell
  }

  @Test(arguments: [
    "import", "stat", "verify", "replay", "rebuild", "tail", "checkpoint", "prove",
  ])
  func `every command explains itself`(name: String) {
    let shell = Shell()
    #expect(shell.run(name, "--help") == .done)
    #expect(shell.output.contains("Usage: roost \(name) --data DIR"))
    #expect(shell.run("--help") == .done)
    #expect(shell.output.contains("  \(name) "))
  }

  @Test(arguments: ["stat", "verify", "replay", "rebuild", "tail", "checkpoint"])
  func `a directory that is not there is one sentence and exit status 1`(name: String) {
    let shell = Shell()
    #expect(shell.run(name, "--data", shell.directory.file("nothing")) == .wrong)
    #expect(shell.errors.split(separator: "\n").count == 1)
    #expect(shell.output == "")
    #expect(!FileSizes.exists(shell.directory.file("nothing")))
  }

  @Test func `a journal from before the tree has checkpoints and proofs`() {
    let shell = Shell()
    let file = shell.directory.file("first")
    #expect(shell.run("checkpoint", "--data", shell.data, "--out", file) == .done)
    #expect(shell.output == "" && shell.errors.hasPrefix("public key: roost/"))
    let key = String(shell.errors.dropFirst("public key: ".count).dropLast())
    #expect(shell.run("checkpoint", "--data", shell.data, "--out", file) == .wrong)
    #expect(shell.run("checkpoint", "--data", shell.data) == .done)
    #expect(shell.output.split(separator: "\n")[1] == "57")
    #expect(shell.errors == "public key: \(key)\n")
    let verify = ["verify", "--data", shell.data, "--quick", "--checkpoint", file]
    #expect(shell.run(verify + ["--key", key]) == .done)
    #expect(shell.errors == "" && shell.output.hasSuffix("57 events are in order\n"))
    let stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    #expect(shell.run(verify + ["--key", stranger]) == .wrong)
    #expect(shell.errors.contains("is not signed with the key of PeterNeumann"))
    #expect(shell.run("prove", "57", "--data", shell.data, "--checkpoint", file) == .done)
    #expect(shell.output.hasPrefix(#"{"proof":"inclusion","position":57,"size":57,"root":""#))
    #expect(shell.run("prove", "--data", shell.data, "58") == .wrong)
    #expect(shell.errors.contains("position 58 is not among the first 57 events"))
    #expect(shell.run("prove", "--data", shell.data, "--between", "20", "57") == .done)
    #expect(shell.output.hasPrefix(#"{"proof":"consistency","from":20,"from_root":""#))
    #expect(shell.run("prove", "--data", shell.data, "--between", "20", "58") == .wrong)
    #expect(shell.errors == "roost: prove: the journal has 57 events, not 58\n")
  }

  @Test func `stat counts what there is`() {
    let shell = Shell()
    #expect(shell.run("stat", "--data", shell.data) == .done)
    #expect(shell.output.contains("position    57"))
    #expect(shell.output.contains("  users: 5\n") && shell.output.contains("  chat.said: 4\n"))
    #expect(shell.run("stat", "--data=" + shell.data, "--json") == .done)
    #expect(shell.output.contains(#""entities":{"users":5,"posts":8,"chats":2,"tags":3}"#))
    #expect(shell.output.contains(#""snapshots":[{"position":52,"#))
  }

  @Test func `verify says that all is well, or what is not`() {
    let older = Shell()
    #expect(older.run("verify", "--data", older.data) == .done)
    #expect(older.output.contains("57 events are in order\n"))
    #expect((older.output + older.errors).contains("position 52 was written by another version"))
    let shell = Shell("v2")
    #expect(shell.run("verify", "--data", shell.data) == .done)
    #expect(shell.output.hasPrefix("109 events are in order\n") && shell.errors == "")
    let path = shell.data + "/snapshots/00000000000000000105.snapshot"
    writeFile(path, Array(readFile(path).dropLast()))
    #expect(shell.run("verify", "--data", shell.data, "--quick") == .wrong)
    #expect(shell.errors.contains("is damaged"))
    #expect(shell.run("verify", "--data", shell.data, "--json") == .wrong)
    #expect(shell.output.contains(#""problems":[{"position":null,"problem":"the snapshot"#))
  }

  @Test func `replay shows digests, entities and trends as of then`() {
    let shell = Shell()
    #expect(shell.run("replay", "--data", shell.data, "--until", "10") == .done)
    #expect(shell.output.contains("position 10\n"))
    #expect(shell.run("replay", "--data", shell.data, "--until", "2012-07-03") == .done)
    #expect(shell.output.contains("position 0\n"))
    #expect(shell.run("replay", "--data", shell.data, "--until=1341364718600") == .done)
    #expect(shell.output.contains("position 57\n"))
    #expect(shell.run("replay", "--data", shell.data, "--entity", "user:bob") == .done)
    #expect(shell.output.contains("name: Bob 🦊\n") && shell.output.contains("private: true\n"))
    #expect(shell.run("replay", "--data", shell.data, "--entity", "user:zoe") == .wrong)
    #expect(shell.run("replay", "--data", shell.data, "--trending", "--json") == .done)
    #expect(shell.output.contains(##""subject":"#town""##))
  }

  @Test func `rebuild writes a snapshot, and with --check only compares`() throws {
    let shell = Shell()
    #expect(shell.run("rebuild", "--data", shell.data, "--check") == .done)
    #expect(try SnapshotStore(directory: shell.data).list().map(\.position.raw) == [52])
    #expect(shell.run("rebuild", "--data", shell.data, "--projection", "home") == .done)
    #expect(shell.output.contains("projections.home") && !shell.output.contains("graph"))
    #expect(try SnapshotStore(directory: shell.data).list().map(\.position.raw) == [57, 52])
  }

  @Test func `tail prints the last events, or those from a position`() throws {
    let shell = Shell()
    #expect(shell.run("tail", "--data", shell.data) == .done)
    #expect(shell.output.split(separator: "\n").count == 10)
    #expect(shell.run("tail", "--data", shell.data, "--from", "1", "--json") == .done)
    let lines = shell.output.split(separator: "\n")
    #expect(lines.count == 57)
    #expect(lines.first.map(String.init) == (try firstLine(of: shell.data)))
    #expect(shell.run("tail", "--data", shell.data, "--from", "58") == .done)
    #expect(shell.output == "")
  }

  private func firstLine(of directory: String) throws -> String {
    let reader = try JournalReader(directory: directory)
    let first = try #require(try reader.record(at: Position(1)))
    return RecordJSON.line(first, secret: try reader.secret(at: Position(1)))
  }

  @Test func `import reports what it made, and a bad line is exit status 1`() {
    let shell = Shell()
    let edges = shell.directory.file("edges")
    writeFile(edges, "10 20 1\n20 30 2\n")
    let data = shell.directory.file("new")
    #expect(shell.run("import", "--data", data, "--follows", edges, "--seed", "1") == .done)
    #expect(shell.output.contains("  3 people\n") && shell.output.contains("  2 follows\n"))
    #expect(shell.run("import", "--data", data, "--follows", edges) == .wrong)
    #expect(shell.errors.contains("holds 5 events already"))
    writeFile(edges, "10 20\n")
    let other = shell.directory.file("other")
    #expect(shell.run("import", "--data", other, "--follows", edges) == .wrong)
    #expect(shell.errors.contains("\(edges), line 1: "))
    #expect(!FileSizes.exists(other))
  }
}

@Suite struct ProgressBarTests {
  private func progress(_ done: UInt64, of total: UInt64?) -> Progress {
    Progress(title: "folding", done: done, total: total, unit: "records")
  }

  @Test func `a bar shows the share, the rate and the time left`() {
    var bar = ProgressBar(progress(0, of: 3_000_000), startMs: 1_000)
    bar.update(progress(1_500_000, of: 3_000_000))
    #expect(
      bar.drawing(nowMs: 2_000)
        == "folding [############------------] 50 % · 1 500 000 records/s · 1 s left")
    #expect(
      bar.line(nowMs: 2_000)
        == "folding: 50 % · 1 500 000 records · 1 500 000 records/s · 1 s left")
  }

  @Test func `without a known end there is the rate alone`() {
    var bar = ProgressBar(progress(0, of: nil), startMs: 0)
    bar.update(progress(500, of: nil))
    #expect(bar.drawing(nowMs: 2_000) == "folding: 500 records · 250 records/s")
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1 000"), (1_234_567, "1 234 567")])
  func `numbers are grouped by thousands`(number: Int, text: String) {
    #expect(grouped(number) == text)
  }
}
