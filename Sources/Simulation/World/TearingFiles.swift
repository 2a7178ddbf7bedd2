import Glibc
import Journal
import Synchronization

/// Files as a machine has them that loses power: what was not synced is there, or not, or in part
/// and in another order than it was written; and writing fails.
///
/// The files themselves are real. What was not synced is known, and `losePower` spoils it.
final class TearingFiles: SnapshotFiles {
  /// What disks lose and keep as a whole.
  private static let sectorBytes = 512

  /// A change of a directory that was not synced.
  private enum Change: Sendable {
    case created(String)
    /// `replaced`: a second name of what was there under the new one.
    case renamed(from: String, to: String, replaced: String?)
    /// `kept`: another name of what was removed.
    case removed(String, kept: String)
  }

  private struct State: Sendable {
    var changes: [Change] = []
    /// Bytes written in all and bytes synced, by what the file is called now.
    var unsynced: [String: (synced: Int, written: Int)] = [:]
    /// Calls until one fails; nil: none will.
    var callsUntilFault: Int?
    var faults = 0
    var kept = 0
  }

  private let state = Mutex(State())
  private let base = SystemFiles()
  /// Where what was replaced or removed is kept until that is synced.
  private let attic: String

  init(attic: String) { self.attic = attic }

  /// One of the next calls fails; the calls after it don't.
  func failSoon(after calls: Int) { state.withLock { $0.callsUntilFault = calls } }

  /// How often a call failed since it was asked last.
  func takeFaults() -> Int {
    state.withLock { state in
      defer { state.faults = 0 }
      return state.faults
    }
  }

  private func meetFault(_ operation: String, _ path: String) throws(JournalError) {
    let fails = state.withLock { state in
      guard let left = state.callsUntilFault else { return false }
      state.callsUntilFault = left > 0 ? left - 1 : nil
      if left == 0 { state.faults += 1 }
      return left == 0
    }
    if fails {
      throw .system(operation: operation, path: path, code: ENOSPC, reason: "no space, simulated")
    }
  }

  // MARK: SnapshotFiles

  func create(_ path: String) throws(JournalError) -> any SnapshotFile {
    try meetFault("open", path)
    let file = try base.create(path)
    state.withLock { state in
      state.changes.append(.created(path))
      state.unsynced[path] = (0, 0)
    }
    return Handle(files: self, file: file, path: path)
  }

  func remove(_ path: String) throws(JournalError) {
    try meetFault("remove", path)
    guard unsafe access(path, F_OK) == 0 else { return }
    let kept = keptName()
    try base.rename(path, to: kept)
    state.withLock { $0.changes.append(.removed(path, kept: kept)) }
  }

  func rename(_ old: String, to new: String) throws(JournalError) {
    try meetFault("rename", old)
    let isThere = unsafe access(new, F_OK) == 0
    let replaced = isThere ? keptName() : nil
    if let replaced { _ = unsafe link(new, replaced) }
    try base.rename(old, to: new)
    state.withLock { state in
      state.changes.append(.renamed(from: old, to: new, replaced: replaced))
      state.unsynced[new] = state.unsynced.removeValue(forKey: old)
    }
  }

  func syncDirectory(_ path: String) throws(JournalError) {
    try meetFault("sync", path)
    let changes = state.withLock { state in
      defer { state.changes = [] }
      return state.changes
    }
    for change in changes { forget(change) }
  }

  private func forget(_ change: Change) {
    switch change {
    case .created: break
    case .renamed(_, _, let replaced): if let replaced { Files.remove(replaced) }
    case .removed(_, let kept): Files.remove(kept)
    }
  }

  private func keptName() -> String {
    state.withLock { state in
      state.kept += 1
      return "\(attic)/\(state.kept).kept"
    }
  }

  // MARK: The loss of power

  /// Of what was not synced, `random` says what is still there: changes of directories up to one of
  /// them, and any sectors of the files.
  func losePower(_ random: inout SeededGenerator) {
    let (changes, unsynced) = state.withLock { state in
      let found = (state.changes, state.unsynced)
      state.changes = []
      state.unsynced = [:]
      state.callsUntilFault = nil
      return found
    }
    var names = unsynced
    let kept = random.below(changes.count + 1)
    for change in changes[kept...].reversed() { undo(change, &names) }
    for change in changes[..<kept] { forget(change) }
    for path in names.keys.sorted() {
      if let (synced, written) = names[path] { tear(path, from: synced, to: written, &random) }
    }
  }

  private func undo(_ change: Change, _ names: inout [String: (synced: Int, written: Int)]) {
    switch change {
    case .created(let path):
      Files.remove(path)
      names[path] = nil
    case .renamed(let old, let new, let replaced):
      try? base.rename(new, to: old)
      if let replaced { try? base.rename(replaced, to: new) }
      names[old] = names.removeValue(forKey: new)
    case .removed(let path, let kept):
      try? base.rename(kept, to: path)
    }
  }

  /// Each sector after what was synced is there, or zero; the end may be missing.
  private func tear(
    _ path: String, from synced: Int, to written: Int, _ random: inout SeededGenerator
  ) {
    guard written > synced else { return }
    var length = written
    if random.chance(50) { length = random.between(synced, written) }
    Files.truncate(path, to: length)
    let lossPercent = random.pick([0, 20, 100])
    var offset = synced
    while offset < length {
      let end = min((offset / Self.sectorBytes + 1) * Self.sectorBytes, length)
      if random.chance(lossPercent) { Files.zero(path, at: offset, count: end - offset) }
      offset = end
    }
  }

  private final class Handle: SnapshotFile {
    private let files: TearingFiles
    private let file: any SnapshotFile
    /// As it was created: it is written under that name alone.
    private let path: String

    init(files: TearingFiles, file: any SnapshotFile, path: String) {
      self.files = files
      self.file = file
      self.path = path
    }

    func write(_ bytes: [UInt8]) throws(JournalError) {
      try files.meetFault("write", path)
      try file.write(bytes)
      files.state.withLock { $0.unsynced[path]?.written += bytes.count }
    }

    func sync() throws(JournalError) {
      try files.meetFault("sync", path)
      files.state.withLock { state in
        if let written = state.unsynced[path]?.written { state.unsynced[path]?.synced = written }
      }
    }
  }
}
