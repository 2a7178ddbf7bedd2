import Domain
import Engine
import Journal
import Projections
import Testing

@testable import roost

/// Runs commands on a copy of the golden data and keeps what they say.
final class Shell {
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
      WhyCommand.self, DiffCommand.self, BisectCommand.self,
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
    (["replay", "--data", "x", "--entity", "user:a", "--trending"], "one thing at a time"),
    (["rebuild", "--data", "x", "--projection", "z"], "no projection 'z'"),
    (["import", "--data", "x"], "either --follows EDGES or --events FILE"),
    (["import", "--data", "x", "--follows", "a", "--events", "b"], "either --follows"),
    (["import", "--data", "x", "--events", "b", "--texts", "c"], "go with --follows"),
    (["backup", "--data", "x"], "--to BACKUP is missing"),
    (["restore", "--from", "x"], "either --data, where to make it, or --check"),
    (["restore", "--from", "x", "--data", "y", "--check"], "either --data"),
    (["restore", "--from", "x", "--data", "y", "--until", "soon"], "neither a position"),
    (["restore", "--from", "x", "--data", "y", "--keys", "k", "--without-text"], "are for text"),
    (["export", "--data", "x", "--to", "y"], "--format FORMAT is missing"),
    (["export", "--data", "x", "--to", "y", "--format", "xml"], "jsonl or csv, not 'xml'"),
    (["export", "--data", "x", "--to", "y", "--format", "csv", "--tables", "z"], "no table 'z'"),
    (["export", "--data", "x", "--to", "y", "--format", "jsonl", "--tables", "users"], "csv"),
    (["replay", "--data", "x", "--view", "garden:alice"], "is no view"),
    (["replay", "--data", "x", "--view", "home:alice", "--as", "bob"], "shown to nobody else"),
    (["replay", "--data", "x", "--as", "bob"], "--as goes with"),
    (["replay", "--data", "x", "--no-snapshots"], "--no-snapshots goes with"),
    (["replay", "--data", "x", "--view", "public", "--views", "-"], "either --view or --views"),
    (["replay", "--data", "x", "--views", "-", "--until", "3"], "no --until beside it"),
    (["replay", "--data", "x", "--view", "public", "--trending"], "one thing at a time"),
    (["replay", "--data", "x", "--projection", "z"], "no projection 'z'"),
    (["replay", "--data", "x", "--digests-at", "3,2"], "that ascend"),
    (["replay", "--data", "x", "--digests-at", "1,,2"], "whole number"),
    (["diff", "--data", "x", "1"], "diff takes two states"),
    (["diff", "1", "2"], "DIR is missing"),
    (["diff", "--data", "x", "1", "no such file"], "neither a position"),
    (["diff", "--data", "x", "1", "snapshot:one"], "names no snapshot"),
    (["diff", "--data", "x", "1", "2", "--show", "100001"], "at most 100000"),
    (["bisect", "--data", "x", "--snapshot", "1", "--with", "y"], "either"),
    (["bisect", "--data", "x", "--projection", "home"], "goes with --with"),
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
    (["prove", "--between", "5", "--data", "x"], "--between needs 2 values"),
    (["stat", "--data", "--json"], "--data needs a value"),
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
      BackupCommand.self, RestoreCommand.self, ExportCommand.self, DiffCommand.self,
      BisectCommand.self,
    ]).run(words, terminal)
    #expect(status == .badUsage)
    #expect(said.hasPrefix("roost: ") && said.contains(sentence))
    #expect(said.split(separator: "\n").count == 1)
    _ = shell
  }

  @Test(arguments: [
    "import", "stat", "verify", "replay", "why", "rebuild", "tail", "checkpoint", "prove",
  ])
  func `every command explains itself`(name: String) {
    let shell = Shell()
    #expect(shell.run(name, "--help") == .done)
    #expect(shell.output.contains("Usage: roost \(name) --data DIR"))
    #expect(shell.run("--help") == .done)
    #expect(shell.output.contains("  \(name) "))
  }

  @Test(arguments: [
    ["stat"], ["verify"], ["replay"], ["rebuild"], ["rebuild", "--projection", "home"],
    ["rebuild", "--revert"], ["tail"], ["checkpoint"],
  ])
  func `a directory that is not there is one sentence and exit status 1`(words: [String]) {
    let shell = Shell()
    #expect(shell.run(words + ["--data", shell.directory.file("nothing")]) == .wrong)
    #expect(shell.errors.split(separator: "\n").count == 1)
    #expect(shell.output == "")
    #expect(!FileSizes.exists(shell.directory.file("nothing")))
  }

  @Test func `digests are printed at as many positions as are allowed, and no more`() throws {
    let shell = Shell()
    func list(_ count: Int) -> String { (1...count).map { "\($0)" }.joined(separator: ",") }
    let most = ReplayEntries.positionsMax
    // The golden journal is shorter, which is met on the way.
    #expect(shell.run("replay", "--data", shell.data, "--digests-at", list(most)) == .wrong)
    #expect(shell.errors.contains("the journal ends before"))
    #expect(shell.run("replay", "--data", shell.data, "--digests-at", list(most + 1)) == .badUsage)
    #expect(shell.run("replay", "--data", shell.data, "--digests-at", "3,9", "--json") == .done)
    let lines = shell.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(shell.run("replay", "--data", shell.data, "--until", "9", "--json") == .done)
    let single = try #require(shell.output.split(separator: "\n").last)
    #expect(StateDigests.read(json: String(lines[1])) != nil)
    #expect(StateDigests.read(json: String(lines[1])) == StateDigests.read(json: String(single)))
  }

  @Test func `a diff tells equal states from others by its status`() throws {
    let shell = Shell()
    #expect(shell.run("diff", "--data", shell.data, "9", "9") == .done)
    #expect(shell.output.contains("all equal"))
    let most = "\(DiffCommand.shownMax)"
    #expect(shell.run("diff", "--data", shell.data, "9", "12", "--show", most) == .wrong)
    let dump = ["replay", "--data", shell.data, "--projection", "all", "--until", "9", "--json"]
    #expect(shell.run(dump) == .done)
    let file = shell.directory.file("nine.json")
    writeFile(file, shell.output)
    #expect(shell.run("diff", "--data", shell.data, file, "9") == .done)
    #expect(shell.run("diff", file, file, "--projection", "users") == .done)
    #expect(shell.run("diff", "--data", shell.data, file, "12", "--json") == .wrong)
    #expect(shell.output.contains("\"only_b\""))
  }

  @Test func `a file of views has a greatest number of lines`() throws {
    let shell = Shell()
    let file = shell.directory.file("views")
    writeFile(file, "3\tpublic\n\n9\thome:ada\r\n2012-07-04\tTAG higgs COUNT 3\tada\n")
    let reader = try JournalReader(directory: shell.data)
    #expect(try ReplayViews.read(file, in: reader, viewsMax: 3).count == 3)
    #expect(throws: UsageError.self) { try ReplayViews.read(file, in: reader, viewsMax: 2) }
    for line in ["3", "3 public", "soon\tpublic", "3\tgarden:ada", "3\thome:ada\tben", "3\t\t"] {
      writeFile(file, "9\tpublic\n\(line)\n")
      let error = #expect(throws: UsageError.self) { try ReplayViews.read(file, in: reader) }
      #expect(error?.description.contains("line 2") ?? false, "\(line)")
    }
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
    let shell = Shell("v4")
    #expect(shell.run("verify", "--data", shell.data) == .done)
    #expect(shell.output.hasPrefix("168 events are in order\n") && shell.errors == "")
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
    func positions() throws -> [UInt64] {
      try SnapshotStore(directory: shell.data).list().map(\.position.raw)
    }
    #expect(shell.run("rebuild", "--data", shell.data, "--check") == .done)
    #expect(try positions() == [52])
    #expect(shell.run("rebuild", "--data", shell.data, "--revert") == .wrong)
    #expect(shell.run("rebuild", "--data", shell.data) == .done)
    #expect(shell.output.contains("everything: 57 events in"))
    #expect(try positions() == [57, 52])
    #expect(shell.run("rebuild", "--data", shell.data, "--each") == .done)
    for name in ProjectionName.allCases {
      #expect("\n\(shell.output)".contains("\n\(name.rawValue): 57 events in"))
    }
    #expect(shell.run("rebuild", "--data", shell.data, "--projection", "home") == .done)
    #expect(shell.output.contains("projections.home") && !shell.output.contains("graph"))
    #expect(shell.output.contains("compared with the snapshot at position 57: equal"))
    #expect(try positions() == [57, 52])
    #expect(shell.run("rebuild", "--data", shell.data, "--revert") == .done)
    #expect(shell.output == "the snapshot at position 57 is back\n")
    #expect(try positions() == [57, 52])
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
