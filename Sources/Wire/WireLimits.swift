/// How much of a request one connection may make us hold.
///
/// Exactly the bound is accepted, one more is refused with a `WireError`. Limits may change between
/// two requests (after authentication); a request half read keeps what it has already been granted.
package struct WireLimits: Equatable, Sendable {
  /// Bytes of a plain line without its line end.
  package var lineBytesMax: Int
  /// Bytes of one argument.
  package var argumentBytesMax: Int
  /// Arguments of one request, the command's name included.
  package var argumentsMax: Int
  /// Bytes of one request as sent, framing included; also what a parser holds at most after
  /// `next()` has returned nil.
  package var bufferedBytesMax: Int
  /// Only chooses the words of the refusal.
  package var isAuthenticated: Bool

  package init(
    lineBytesMax: Int, argumentBytesMax: Int, argumentsMax: Int, bufferedBytesMax: Int,
    isAuthenticated: Bool
  ) {
    self.lineBytesMax = lineBytesMax
    self.argumentBytesMax = argumentBytesMax
    self.argumentsMax = argumentsMax
    self.bufferedBytesMax = bufferedBytesMax
    self.isAuthenticated = isAuthenticated
  }

  /// Line 64 KiB, argument 1 MiB, 1 024 arguments, 4 MiB in all.
  package static let authenticated = WireLimits(
    lineBytesMax: 64 << 10, argumentBytesMax: 1 << 20, argumentsMax: 1024,
    bufferedBytesMax: 4 << 20, isAuthenticated: true)

  /// Line 20 KiB, 16 arguments of 1 KiB, 20 KiB in all: enough to log in and to read in public.
  /// What has been received beyond that and what waits to be sent come to 64 KiB with it.
  package static let unauthenticated = WireLimits(
    lineBytesMax: 20 << 10, argumentBytesMax: 1 << 10, argumentsMax: 16,
    bufferedBytesMax: 20 << 10, isAuthenticated: false)

  /// `*1024` or `$1048576` and its line end, with room to spare; a longer header cannot be valid.
  static let headerBytesMax = 32
}
