internal import Glibc

/// Where a connection comes from, as far as one party is likely to hold it: an IPv4 address, or the
/// first 64 bits of an IPv6 address. A household gets a whole /64, so further bits tell nobody
/// apart.
package struct NetworkAddress: Hashable, Sendable {
  private enum Family: Hashable, Sendable { case v4, v6, unknown }

  private let family: Family
  private let bits: UInt64

  /// Shared by all whose address is not known.
  package static let unknown = NetworkAddress(.unknown, 0)

  private init(_ family: Family, _ bits: UInt64) {
    self.family = family
    self.bits = bits
  }

  /// Reads `1.2.3.4:5` or `[::1]:5`, as `Connection.peer` is; `unknown` for anything else.
  package init(peer: String) {
    let host = peer[..<(peer.lastIndex(of: ":") ?? peer.startIndex)]
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
    self = NetworkAddress(host: String(bare)) ?? .unknown
  }

  /// Reads `1.2.3.4` or `2001:db8::1`; nil for anything else. A zone (`%eth0`) is passed over.
  package init?(host: String) {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, host, &v4) == 1 {
      self.init(.v4, UInt64(UInt32(bigEndian: v4.s_addr)))
      return
    }
    let address = String(host.prefix { $0 != "%" })
    var v6 = in6_addr()
    guard unsafe inet_pton(AF_INET6, address, &v6) == 1 else { return nil }
    let bytes = unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) }
    self.init(v6: bytes)
  }

  /// Sixteen bytes in the order of the network.
  private init(v6 bytes: [UInt8]) {
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    // A socket for both families shows IPv4 clients as ::ffff:1.2.3.4: they are not one household.
    if number(0..<8) == 0, number(8..<12) == 0xFFFF {
      self.init(.v4, number(12..<16))
    } else {
      self.init(.v6, number(0..<8))
    }
  }
}
