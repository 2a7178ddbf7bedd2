import Domain
import Engine
import Foundation
import Journal
import Testing
import Wire

struct BackupCommandTests {
  @Test func `an admin makes a backup and adds to it`() async throws {
    let world = try await TestWorld(shards: 2)
    let folder = try Folder()
    let path = folder.path + "/backup"
    let admin = try await world.admin()
    let alice = await world.person("alice")
    await alice("POST", "one")
    let first = await admin("BACKUP", path)
    #expect(first["position"] == .integer(Int64(world.journal.durable.raw)))
    #expect(first["events"] == first["position"])
    await alice("POST", "two")
    let second = await admin("BACKUP", path, "WITHOUT-KEYS")
    #expect(second["events"] == .integer(1))
    let reader = try BackupReader(directory: path)
    #expect(reader.manifest.position == world.journal.durable)
    #expect(reader.manifest.keys == nil)
    #expect(try Restore.check(Restore.Options(backup: path)) == world.journal.durable)
  }

  @Test(
    arguments: [
      (["backup"], "INVALID"), ([""], "INVALID"), (["/a\0b"], "INVALID"), (["/a\nb"], "INVALID"),
      (["/no/such/parent"], "ERR"), (["/"], "INVALID"), (["/etc"], "INVALID"),
      (["/etc/passwd"], "INVALID"), ([], "ERR"), (["/a", "b"], "INVALID"),
    ] as [([String], String)])
  func `a path where no backup can be is refused`(
    _ words: [String], _ code: String
  ) async throws {
    let world = try await TestWorld()
    let admin = try await world.admin()
    #expect(await admin.call(["BACKUP"] + words).code == code, "\(words)")
  }

  @Test func `it is for admins alone`() async throws {
    let world = try await TestWorld()
    let folder = try Folder()
    let alice = await world.person("alice")
    #expect(await alice("BACKUP", folder.path + "/b").code == "DENIED")
    #expect(await world.connect()("BACKUP", folder.path + "/b").code == "NOAUTH")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/b"))
  }

  @Test func `while somebody has it in use, it is busy`() async throws {
    let world = try await TestWorld()
    let folder = try Folder()
    let path = folder.path + "/backup"
    let admin = try await world.admin()
    #expect(await admin("BACKUP", path).code == nil)
    do {
      let reader = try BackupReader(directory: path)
      #expect(await admin("BACKUP", path).code == "BUSY")
      #expect(reader.manifest.position == world.journal.durable)
    }
    #expect(await admin("BACKUP", path).code == nil)
  }
}
