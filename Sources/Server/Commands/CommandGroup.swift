/// A chapter of the documentation: the commands about one thing, in the order of reading.
package struct CommandGroup: Sendable {
  /// One lower-case word, as COMMAND DOCS and redis-cli's `help @posts` have it.
  package let name: String
  package let commands: [CommandSpec]

  package init(_ name: String, _ commands: [CommandSpec]) {
    self.name = name
    self.commands = commands
  }
}
