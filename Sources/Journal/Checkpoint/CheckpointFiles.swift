package import Domain
internal import Glibc

/// Where checkpoints and the keys that sign them lie.
package enum CheckpointFiles {
  /// In a data directory, unless another is named.
  package static let keyName = "checkpoint.key"

  /// The key of a file, for its owner alone; a new one, made durable, if there is no such file.
  package static func signingKey(
    _ path: String, orNewWithName name: String?, random: any RandomSource
  ) throws(JournalError) -> SigningKey {
    if let key = try signingKey(path) { return key }
    let key = SigningKey(name: name, random: random)
    try create(path, "\(key.text)\n")
    return key
  }

  /// The key of a file; nil if there is no such file.
  package static func signingKey(_ path: String) throws(JournalError) -> SigningKey? {
    guard FileSystem.exists(path) else { return nil }
    guard let key = SigningKey(firstLine(try read(path))) else {
      throw .damaged(Finding("the signing key \(path)", "it is no Ed25519 key of a signed note"))
    }
    return key
  }

  /// The checkpoint of a file.
  package static func checkpoint(_ path: String) throws(JournalError) -> Checkpoint {
    guard let checkpoint = Checkpoint(try read(path)) else {
      throw .damaged(Finding("the checkpoint \(path)", "it is not in the form of one"))
    }
    return checkpoint
  }

  /// Writes a file that is not there yet: an older checkpoint is evidence and stays.
  package static func write(
    _ checkpoint: Checkpoint, to path: String
  ) throws(JournalError) {
    try create(path, checkpoint.text)
  }

  /// The file is there when it is whole and durable: a full disk leaves nothing under its name.
  private static func create(_ path: String, _ text: String) throws(JournalError) {
    if FileSystem.exists(path) {
      errno = EEXIST
      throw FileSystem.failure("create", path)
    }
    let unfinished = path + SnapshotWriter.unfinishedSuffix
    try FileSystem.removeFile(unfinished)
    do throws(JournalError) {
      let file = try File(unfinished, O_WRONLY | O_CREAT | O_EXCL)
      try file.write(Array(text.utf8))
      try file.sync()
      try FileSystem.rename(unfinished, to: path)
    } catch {
      try? FileSystem.removeFile(unfinished)
      throw error
    }
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    try FileSystem.syncDirectory(directory)
  }

  private static func read(_ path: String) throws(JournalError) -> String {
    let bytes = try File(path, O_RDONLY).read(at: 0, count: Checkpoint.bytesMax + 1)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func firstLine(_ text: String) -> Substring {
    text.prefix { $0 != "\n" }
  }
}
