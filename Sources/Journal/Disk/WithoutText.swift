internal import Glibc

/// The mark of a data directory that was restored without text: the file DIR/without-text.
///
/// There everybody's key says that it was destroyed, erased or not. So such a directory cannot tell
/// who was erased, and a backup of it would carry that on.
package enum WithoutText {
  static let name = "without-text"

  package static func mark(_ directory: String) throws(JournalError) {
    try File(directory + "/" + name, O_WRONLY | O_CREAT).sync()
    try FileSystem.syncDirectory(directory)
  }

  /// Throws `BackupError.withoutText` for a directory with the mark.
  package static func refuse(_ directory: String) throws(BackupError) {
    if FileSystem.exists(directory + "/" + name) { throw .withoutText(path: directory) }
  }
}
