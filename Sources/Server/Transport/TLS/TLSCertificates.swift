private import Synchronization

/// The certificates that new connections are shown; those that are open keep theirs.
package final class TLSCertificates: Sendable {
  private let files: TLSFiles
  private let state: Mutex<(context: TLSContext, reloads: Int)>

  package init(_ files: TLSFiles) throws(TLSError) {
    self.files = files
    state = Mutex((try TLSContext(files), 0))
  }

  package var current: TLSContext { state.withLock { $0.context } }
  /// How often other files were taken up.
  package var reloads: Int { state.withLock { $0.reloads } }

  /// Reads the files again. Throws what is wrong and keeps what was there; an expired certificate
  /// does not take the place of another.
  ///
  /// - Parameter now: in seconds since 1970.
  package func reload(now: Int64) throws(TLSError) {
    let context = try TLSContext(files)
    guard context.expires > now else {
      throw TLSError(file: files.certificate, reason: "this certificate has expired")
    }
    state.withLock { $0 = (context, $0.reloads + 1) }
  }
}
