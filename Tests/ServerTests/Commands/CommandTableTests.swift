import Testing
import Wire

@testable import Server

/// What the table says of itself, held against what calls are answered.
@Suite(.timeLimit(.minutes(1)))
struct CommandTableTests {
  private static let table = CommandTable.standard
  private static let wrongCount = "wrong number of arguments for '"

  /// Words that fit a command's arguments: those that may not be left out.
  private func words(of command: CommandSpec) -> [String] {
    command.name.split(separator: " ").map(String.init)
      + command.arguments.filter { !$0.isOptional }.flatMap { argument in
        (argument.token.map { [$0] } ?? []) + Array(repeating: "1", count: argument.valuesCount)
      }
  }

  private func isWrongCount(_ reply: Reply) -> Bool {
    guard case .error(let code, let message) = reply else { return false }
    return code == "ERR" && message.hasPrefix(Self.wrongCount)
  }

  @Test func `arity counts the words that may not be left out`() {
    for command in Self.table.commands {
      #expect(abs(command.arity) == words(of: command).count, "\(command.name)")
    }
  }

  @Test func `a call with a word too few is refused by its number of arguments`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    for command in Self.table.commands {
      let few = Array(words(of: command).dropLast())
      guard few.count >= command.nameWords else { continue }
      let reply = await admin.call(few)
      // PROFILE SET alone is the profile of a person called set.
      if command.nameWords == 2, let other = Self.table.command(String(few[0])),
        other.accepts(count: few.count)
      {
        #expect(!isWrongCount(reply), "\(command.name)")
      } else {
        #expect(isWrongCount(reply), "\(command.name): \(reply)")
      }
    }
  }

  @Test func `a call with a word too many is refused where the arity is exact`() async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    for command in Self.table.commands where command.arity > 0 {
      #expect(isWrongCount(await admin.call(words(of: command) + ["1"])), "\(command.name)")
    }
  }

  @Test func `every command is documented in full`() async throws {
    let world = try await TestWorld()
    let client = await world.connect(.three)
    let docs = await client("COMMAND", "DOCS")
    for group in Self.table.groups {
      for command in group.commands {
        let names = command.redisName.split(separator: "|").map(String.init)
        let family = try #require(docs[names[0]], "\(command.name)")
        let entry =
          names.count == 1 ? family : try #require(family["subcommands"]?[command.redisName])
        #expect(entry["summary"]?.string?.hasSuffix(".") == true, "\(command.name)")
        #expect(entry["since"]?.string?.split(separator: ".").count == 3, "\(command.name)")
        #expect(entry["group"]?.string == group.name, "\(command.name)")
        #expect(
          entry["arguments"]?.elements.map { $0["name"]?.string } ?? []
            == command.arguments.map(\.name), "\(command.name)")
        let alone = await client("COMMAND", "DOCS", command.name)[command.redisName]
        #expect(alone?["summary"] == entry["summary"], "\(command.name)")
        let info = await client("COMMAND", "INFO", command.redisName).elements.first?.elements
        #expect(info?[1] == .integer(Int64(command.arity)), "\(command.name)")
      }
    }
  }

  @Test func `HELP explains every command`() async throws {
    let world = try await TestWorld()
    let client = await world.connect(.three)
    #expect(
      await client("HELP").elements.map(\.string) == Self.table.commands.map { $0.usage })
    for command in Self.table.commands {
      let help = await client("HELP", command.name).elements.compactMap(\.string)
      #expect(help.starts(with: [command.usage, command.summary]), "\(command.name)")
      #expect(help.contains("For \(command.access.who)."), "\(command.name)")
    }
  }

  @Test func `no two commands and no two groups have one name`() {
    let names = Self.table.commands.map(\.name)
    #expect(Set(names).count == names.count)
    let groups = Self.table.groups.map(\.name)
    #expect(Set(groups).count == groups.count)
  }
}
