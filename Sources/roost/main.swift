internal import Glibc

let registry = CommandRegistry(commands: [
  ServeCommand.self, ImportCommand.self, StatCommand.self, VerifyCommand.self,
  ReplayCommand.self, RebuildCommand.self, TailCommand.self, CheckpointCommand.self,
  ProveCommand.self, CommandsCommand.self,
])

exit(registry.run(Array(CommandLine.arguments.dropFirst()), Terminal()).rawValue)
