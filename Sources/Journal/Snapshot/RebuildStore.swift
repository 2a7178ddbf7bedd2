/// What rebuilds keep beside the snapshots, in files of the same format: DATA/rebuilds/NAME.
///
/// A file appears under its name when it is whole and synced. The directory is made with the first
/// one.
package struct RebuildStore: Sendable {
  package let directory: String
  private let data: String

  /// `directory` is the data directory.
  package init(directory: String) {
    data = directory
    self.directory = directory + "/rebuilds"
  }

  /// In the order of their names.
  package func names() throws(JournalError) -> [String] {
    guard FileSystem.exists(directory) else { return [] }
    return try FileSystem.list(directory).filter { !$0.hasSuffix(SnapshotWriter.unfinishedSuffix) }
  }

  package func contains(_ name: String) -> Bool { FileSystem.exists(path(name)) }

  package func path(_ name: String) -> String { directory + "/" + name }

  /// Begins a file; it is there, in place of one of the same name, when its writer has finished.
  package func begin(
    _ name: String, _ header: SnapshotHeader
  ) throws(JournalError) -> SnapshotWriter {
    try make()
    return try SnapshotWriter(directory: directory, name: name, header: header)
  }

  /// Does nothing if there is none.
  package func remove(_ name: String) throws(JournalError) {
    guard contains(name) else { return }
    try FileSystem.removeFile(path(name))
    try FileSystem.syncDirectory(directory)
  }

  /// Gives a file from elsewhere in the data directory a second name here, in place of one of the
  /// same name: it stays when the other goes. Costs no space while both are there.
  package func keep(_ path: String, as name: String) throws(JournalError) {
    try make()
    try FileSystem.removeFile(self.path(name))
    try FileSystem.link(path, as: self.path(name))
    try FileSystem.syncDirectory(directory)
  }

  /// Moves a file from here to `path`, and what was there to here.
  package func exchange(_ name: String, with path: String) throws(JournalError) {
    let other = self.path(name) + SnapshotWriter.unfinishedSuffix
    try FileSystem.removeFile(other)
    let isThere = FileSystem.exists(path)
    if isThere { try FileSystem.link(path, as: other) }
    try FileSystem.rename(self.path(name), to: path)
    // Before anything of what was there can go.
    try FileSystem.syncDirectory(FileSystem.parent(of: path))
    if isThere { try FileSystem.rename(other, to: self.path(name)) }
    try FileSystem.syncDirectory(directory)
  }

  /// Gives a file another name here, in place of one of that name.
  package func rename(_ name: String, to other: String) throws(JournalError) {
    try FileSystem.rename(path(name), to: path(other))
    try FileSystem.syncDirectory(directory)
  }

  /// Removes what unfinished writing left.
  package func prune() throws(JournalError) {
    guard FileSystem.exists(directory) else { return }
    for name in try FileSystem.list(directory)
    where name.hasSuffix(SnapshotWriter.unfinishedSuffix) {
      try FileSystem.removeFile(path(name))
    }
  }

  private func make() throws(JournalError) {
    guard !FileSystem.exists(directory) else { return }
    try FileSystem.makeDirectory(directory)
    try FileSystem.syncDirectory(data)
  }
}
