internal import CSSL
internal import Glibc

/// What every handshake goes by from one reading of the files to the next.
///
/// TLS 1.2 with ephemeral keys and authenticated encryption, or 1.3; no renegotiation, compression,
/// resumption or early data: a connection lasts, so each shows its certificates in full.
///
/// The pointer is valid until the end of this object, and OpenSSL counts its own uses besides.
@safe package final class TLSContext: @unchecked Sendable {
  /// Bytes of the certificates that a client may show.
  package static let clientChainBytesMax = 32 << 10
  /// For TLS 1.2; those of 1.3 are all right.
  private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK"

  let pointer: OpaquePointer
  /// When the server's certificate expires, in seconds since 1970.
  package let expires: Int64
  /// Whether clients must show a certificate.
  package let asksClients: Bool

  /// Reads the files. Throws what is wrong with the first that cannot be used.
  package init(_ files: TLSFiles) throws(TLSError) {
    guard let made = unsafe SSL_CTX_new(TLS_server_method()) else {
      fatalError("OpenSSL has no memory for a context")
    }
    asksClients = files.clientAuthorities != nil
    do throws(TLSError) {
      unsafe Self.setRules(made)
      unsafe try Self.readCertificate(files, into: made)
      if let path = files.clientAuthorities { unsafe try Self.readAuthorities(path, into: made) }
      unsafe expires = try Self.expiry(of: made, files)
    } catch {
      unsafe SSL_CTX_free(made)
      throw error
    }
    unsafe pointer = made
  }

  deinit { unsafe SSL_CTX_free(pointer) }

  private static func setRules(_ context: OpaquePointer) {
    let settings: [(command: Int32, value: Int)] = [
      (SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION)),
      (SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF)),
      (SSL_CTRL_SET_MAX_CERT_LIST, clientChainBytesMax),
      // An idle connection holds no buffers. What is to be sent may move in memory and be sent in
      // parts.
      (
        SSL_CTRL_MODE,
        Int(
          SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
      ),
      // A call ends after a message of the protocol itself, however many are waiting: whoever sends
      // nothing else keeps nobody from their turn.
      (SSL_CTRL_CLEAR_MODE, Int(SSL_MODE_AUTO_RETRY)),
    ]
    for setting in settings {
      _ = unsafe SSL_CTX_ctrl(context, setting.command, setting.value, nil)
    }
    unsafe SSL_CTX_set_options(context, roost_ssl_options)
    unsafe SSL_CTX_set_num_tickets(context, 0)
    let isSet = unsafe SSL_CTX_set_cipher_list(context, ciphers)
    precondition(isSet == 1, "OpenSSL has none of our ciphers")
    // Without it, OpenSSL would ask for a passphrase on the terminal.
    unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
  }

  private static func readCertificate(
    _ files: TLSFiles, into context: OpaquePointer
  ) throws(TLSError) {
    try requireReadable(files.certificate)
    guard unsafe SSL_CTX_use_certificate_chain_file(context, files.certificate) == 1 else {
      throw failure(files.certificate, "there is no usable certificate in it")
    }
    try requireReadable(files.key)
    try requirePrivate(files.key)
    guard unsafe SSL_CTX_use_PrivateKey_file(context, files.key, SSL_FILETYPE_PEM) == 1 else {
      throw failure(
        files.key,
        "there is no usable private key in it: it must belong to the certificate and have no "
          + "passphrase")
    }
    guard unsafe SSL_CTX_check_private_key(context) == 1 else {
      throw failure(files.key, "it does not belong to the certificate in \(files.certificate)")
    }
  }

  private static func readAuthorities(
    _ path: String, into context: OpaquePointer
  ) throws(TLSError) {
    try requireReadable(path)
    guard unsafe SSL_CTX_load_verify_file(context, path) == 1,
      let names = unsafe SSL_load_client_CA_file(path)
    else { throw failure(path, "there is no usable certificate of an authority in it") }
    unsafe SSL_CTX_set_client_CA_list(context, names)
    unsafe SSL_CTX_set_verify(
      context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
  }

  private static func expiry(
    of context: OpaquePointer, _ files: TLSFiles
  ) throws(TLSError) -> Int64 {
    var time = unsafe tm()
    guard let certificate = unsafe SSL_CTX_get0_certificate(context),
      unsafe ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1
    else { throw failure(files.certificate, "it does not say when it expires") }
    return Int64(unsafe timegm(&time))
  }

  // MARK: Files

  private static func requireReadable(_ path: String) throws(TLSError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TLSError(file: path, reason: SystemError.last.description) }
    close(descriptor)
  }

  /// A key that everybody can read is none.
  private static func requirePrivate(_ path: String) throws(TLSError) {
    var status = Glibc.stat()
    guard unsafe stat(path, &status) == 0 else {
      throw TLSError(file: path, reason: SystemError.last.description)
    }
    guard status.st_mode & 0o007 == 0 else {
      throw TLSError(
        file: path, reason: "everybody may read or change this key; take that away (chmod o=)")
    }
  }

  /// With OpenSSL's own reason, which never quotes what it read.
  private static func failure(_ path: String, _ sentence: String) -> TLSError {
    TLSError(file: path, reason: opensslReason().map { "\(sentence) (\($0))" } ?? sentence)
  }
}

/// OpenSSL's words for what went wrong first on this thread; nil if nothing did.
func opensslReason() -> String? {
  let code = ERR_get_error()
  ERR_clear_error()
  guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return nil }
  return unsafe String(cString: text)
}
