import Foundation

/// A run of the simulation in a process of its own.
struct SimulationProcess {
  var lines: [String]
  var code: Int32

  static func run(_ arguments: [String]) throws -> SimulationProcess {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("roost-simulate")
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    return SimulationProcess(
      lines: text.split(separator: "\n").map { String($0) }, code: process.terminationStatus)
  }

  /// Of the line that says so: `seed 7 (concurrent): …`.
  var seedOfViolation: UInt64? {
    guard code != 0 else { return nil }
    let words = lines.last { $0.hasPrefix("seed ") && $0.contains("): ") }?.split(separator: " ")
    return words.flatMap { UInt64($0[1]) }
  }
}
