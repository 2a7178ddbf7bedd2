import Foundation
import Journal
import Testing

@testable import Simulation

/// What the simulated disk under snapshots keeps and loses.
struct TearingFilesTests {
  private let directory: String
  private let files: TearingFiles

  init() throws {
    directory = try Files.makeTemporaryDirectory()
    Files.makeDirectory(directory + "/attic")
    files = TearingFiles(attic: directory + "/attic")
  }

  private func content(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(directory)/\(name)").map { [UInt8]($0) }
  }

  private func write(
    _ name: String, _ bytes: [UInt8], syncing: Bool, syncingDirectory: Bool
  ) throws {
    let file = try files.create("\(directory)/\(name)")
    try file.write(bytes)
    if syncing { try file.sync() }
    if syncingDirectory { try files.syncDirectory(directory) }
  }

  private func remove() {
    Files.removeDirectory(directory + "/attic")
    Files.removeDirectory(directory)
  }

  @Test func `what was synced, with its directory, outlives any loss of power`() throws {
    defer { remove() }
    try write("a", [UInt8](repeating: 7, count: 5_000), syncing: true, syncingDirectory: true)
    for seed in 0..<UInt64(40) {
      var random = SeededGenerator(seed: seed)
      files.losePower(&random)
      #expect(content("a") == [UInt8](repeating: 7, count: 5_000))
    }
  }

  @Test func `what was not synced is there, cut off or zero by sectors, or not there`() throws {
    defer { remove() }
    var kinds: Set<String> = []
    for seed in 0..<UInt64(200) {
      let name = "file-\(seed)"
      try write(
        name, [UInt8](repeating: 7, count: 2_000), syncing: false, syncingDirectory: seed % 2 == 0)
      var random = SeededGenerator(seed: seed)
      files.losePower(&random)
      guard let bytes = content(name) else {
        #expect(seed % 2 == 1, "what is in a synced directory has a name")
        kinds.insert("gone")
        continue
      }
      #expect(bytes.count <= 2_000 && bytes.allSatisfy { $0 == 7 || $0 == 0 })
      for start in stride(from: 0, to: bytes.count, by: 512) {
        let sector = bytes[start..<min(start + 512, bytes.count)]
        #expect(Set(sector).count == 1, "a sector is kept or lost as a whole")
      }
      if bytes.count < 2_000 { kinds.insert("cut") }
      if bytes.contains(0) { kinds.insert("zero") }
      if bytes.count == 2_000, !bytes.contains(0) { kinds.insert("whole") }
      if bytes.contains(0), bytes.contains(7) { kinds.insert("mixed") }
    }
    #expect(kinds == ["gone", "cut", "zero", "whole", "mixed"])
  }

  @Test func `a rename that was not synced has happened, or what was there is back`() throws {
    defer { remove() }
    var outcomes: Set<String> = []
    for seed in 0..<UInt64(40) {
      try write("old", [1, 1], syncing: true, syncingDirectory: true)
      try write("new", [2, 2], syncing: true, syncingDirectory: true)
      try files.rename("\(directory)/old", to: "\(directory)/new")
      var random = SeededGenerator(seed: seed)
      files.losePower(&random)
      if content("old") == nil {
        #expect(content("new") == [1, 1])
        outcomes.insert("renamed")
      } else {
        #expect(content("old") == [1, 1] && content("new") == [2, 2])
        outcomes.insert("back")
      }
      for name in ["old", "new"] { Files.remove("\(directory)/\(name)") }
    }
    #expect(outcomes == ["renamed", "back"])
  }

  @Test func `a call fails when it is due, and the next one does not`() throws {
    defer { remove() }
    files.failSoon(after: 1)
    let file = try files.create("\(directory)/a")
    #expect(throws: JournalError.self) { try file.write([1]) }
    try file.write([2])
    #expect(files.takeFaults() == 1 && files.takeFaults() == 0)
    #expect(content("a") == [2])
  }
}
