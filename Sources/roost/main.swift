internal import Glibc
internal import Server

let registry = CommandRegistry(commands: [
  ServeCommand.self, ImportCommand.self, StatCommand.self, VerifyCommand.self,
  ReplayCommand.self, WhyCommand.self, DiffCommand.self, BisectCommand.self,
  CompensateCommand.self, RebuildCommand.self, TailCommand.self, CheckpointCommand.self,
  ProveCommand.self, BackupCommand.self, RestoreCommand.self, ErasuresCommand.self,
  ExportCommand.self, CommandsCommand.self,
])

if !CommandLine.arguments.contains("--core-dumps") { ProcessMemory.shut() }
exit(registry.run(Array(CommandLine.arguments.dropFirst()), Terminal()).rawValue)
