import Foundation

/// A path under the system's temporary directory that is removed at the end.
final class Folder {
  let path = NSTemporaryDirectory() + "roost-server-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
