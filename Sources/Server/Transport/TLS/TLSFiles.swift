/// Where certificates and keys are, all in PEM form.
package struct TLSFiles: Equatable, Sendable {
  /// The server's certificate, and after it those that lead from it to its authority.
  package var certificate: String
  /// Its private key, without a passphrase; must not be readable by everybody.
  package var key: String
  /// The authorities whose certificates clients must show; nil: clients show none.
  package var clientAuthorities: String?

  package init(certificate: String, key: String, clientAuthorities: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.clientAuthorities = clientAuthorities
  }
}

/// What is wrong with a file of certificates or keys, in a sentence; holds nothing of its content.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  package let file: String
  package let reason: String

  package var description: String { "\(file): \(reason)" }
}
