import Domain
import Engine
import Testing

@testable import roost

/// The commands on a copy of the golden data, which has 109 events and one erased person.
struct BackupCommandTests {
  private final class Shell {
    let directory = TemporaryDirectory()
    private(set) var output = ""
    private(set) var errors = ""

    init() { copyTree(packagePath() + "/Snapshots/v2/data", to: directory.file("data")) }

    func run(_ line: String) -> roost.ExitStatus {
      (output, errors) = ("", "")
      let terminal = Terminal(isInteractive: false) { [self] bytes, stream in
        let text = String(decoding: bytes, as: UTF8.self)
        switch stream {
        case .output: output += text
        case .errors: errors += text
        }
      }
      let words = line.split(separator: " ").map {
        String($0).replacing("%", with: directory.path + "/")
      }
      return CommandRegistry(commands: [
        BackupCommand.self, RestoreCommand.self, ErasuresCommand.self, ExportCommand.self,
        ImportCommand.self, ReplayCommand.self, VerifyCommand.self,
      ]).run(words, terminal)
    }
  }

  @Test func `what was restored without text tells nobody who was erased`() {
    let shell = Shell()
    #expect(shell.run("backup --data %data --to %backup") == .done)
    #expect(shell.run("restore --from %backup --data %audit --without-text") == .done)
    for line in [
      "backup --data %audit --to %second", "erasures --data %audit",
      "restore --from %backup --data %new --erasures %audit",
      "restore --from %backup --data %new --keys %audit",
    ] {
      #expect(shell.run(line) == .wrong, "\(line)")
      #expect(shell.errors.contains("was restored without text"), "\(shell.errors)")
      #expect(shell.output == "")
    }
    #expect(fileNames(shell.directory.path).sorted() == ["audit", "backup", "data"])
    #expect(shell.run("restore --from %backup --data %new") == .done)
    #expect(shell.run("erasures --data %new") == .done)
  }

  @Test func `backup, check, restore and what they say`() {
    let shell = Shell()
    #expect(shell.run("backup --data %data --to %backup") == .done)
    #expect(shell.output.hasPrefix("109 events and ") && shell.output.contains("position 109"))
    #expect(shell.run("backup --data %data --to %backup --json") == .done)
    #expect(shell.output.hasPrefix(#"{"position":109,"events":0,"bytes":"#))
    #expect(shell.run("restore --from %backup --check") == .done)
    #expect(shell.output == "109 events are in order\n")
    #expect(shell.run("restore --from %backup --data %new --until 57") == .done)
    #expect(shell.output.hasPrefix("restored up to position 57 (2012-07-04T01:18:38.600Z) in "))
    #expect(shell.output.contains("2 events were added, so that who was erased later is erased"))
    #expect(shell.run("verify --data %new") == .done)
    #expect(shell.run("restore --from %backup --data %new") == .wrong)
    #expect(shell.errors.contains("is there and is not empty"))
    #expect(shell.run("restore --from %data --data %other") == .wrong)
    #expect(shell.errors.contains("is there and is no backup"))
    #expect(shell.run("restore --from %none --data %other") == .wrong)
    #expect(shell.errors.contains("there is no "))
    #expect(shell.run("restore --from %backup --data %other --until 110") == .wrong)
    #expect(shell.errors.contains("the backup ends at position 109, before 110"))
    #expect(
      shell.run("restore --from %backup --data %then --until 2012-07-04T00:10:12.600Z") == .done)
    #expect(shell.output.hasPrefix("restored up to position 30 "))
    #expect(shell.run("restore --from %backup --data %quick --quick --json") == .done)
    #expect(shell.output.hasPrefix(#"{"position":109,"time":1341456014900,"root":""#))
  }

  @Test func `who was erased is told of a data directory and of a backup`() {
    let shell = Shell()
    #expect(shell.run("backup --data %data --to %backup --without-keys") == .done)
    #expect(shell.output.contains("without keys"))
    for path in ["%data", "%backup"] {
      #expect(shell.run("erasures --data \(path)") == .done)
      #expect(shell.output == "user:5626072896897024000 109\n")
    }
    #expect(shell.run("restore --from %backup --data %new") == .wrong)
    #expect(shell.errors.contains("was made without keys"))
    #expect(shell.run("restore --from %backup --data %new --keys %data") == .done)
    #expect(shell.run("restore --from %backup --data %bare --without-text --json") == .done)
  }

  @Test func `export and import say the same digests as a replay`() {
    let shell = Shell()
    #expect(shell.run("export --data %data --to %out --format jsonl") == .done)
    #expect(shell.output.contains("  events.jsonl: 109 rows"))
    #expect(shell.run("import --data %new --events %out/events.jsonl") == .done)
    let said = shell.output.split(separator: "\n").dropFirst()
    #expect(shell.run("replay --data %data") == .done)
    #expect(shell.output.split(separator: "\n").suffix(said.count) == Array(said)[...])
    #expect(
      shell.run("export --data %data --to %tables --format csv --tables users,posts --json")
        == .done)
    #expect(shell.output.hasPrefix(#"{"position":109,"files":{"users.csv":5,"posts.csv":"#))
    #expect(shell.run("export --data %data --to %out --format csv") == .wrong)
    #expect(shell.errors.contains("is not empty"))
    #expect(shell.run("export --data %data --to %late --format jsonl --until 110") == .wrong)
  }
}
