package import Domain
package import Wire

/// What a connection remembers between requests.
package struct ConnectionState: Sendable {
  /// Bytes of a client's name, library and version, each.
  package static let labelBytesMax = 128

  package let id: UInt64
  package let peer: String
  /// Where `peer` is, as limits see it.
  package let address: NetworkAddress
  package let opened: Instant
  package var version = RESPVersion.two
  package var identity: Identity?
  /// What was found out about the identity that asked last.
  var vouched: Vouched?
  package var name = ""
  package var library = ""
  package var libraryVersion = ""
  package var lastCommand = ""
  package var subscriptions: [Channel] = []
  /// The newest event that this connection caused: its reads see at least that.
  package var lastWrite = Position.zero
  /// Set by QUIT and by fatal errors: close once everything is sent.
  package var isClosing = false

  package init(id: UInt64, peer: String, opened: Instant) {
    self.id = id
    self.peer = peer
    address = NetworkAddress(peer: peer)
    self.opened = opened
  }

  /// As RESET leaves it.
  package mutating func reset() {
    version = .two
    identity = nil
    vouched = nil
    name = ""
    subscriptions = []
  }
}
