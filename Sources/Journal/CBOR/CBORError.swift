/// Why bytes are not the canonical CBOR that was expected.
package enum CBORError: Error, Hashable, Sendable {
  /// The bytes end inside an item.
  case truncated
  /// A well-formed item of another type than the reader asked for.
  case unexpectedType
  /// A head longer than needed, an indefinite length, a reserved value.
  case notCanonical
  /// Nested deeper than `CBORDecoder.depthMax`.
  case tooDeep
  case invalidUTF8
  /// An integer or a length that the reader's type cannot hold.
  case outOfRange
  /// Bytes remain after the last item.
  case trailingBytes
  /// Well-formed, but not a value that the format allows here.
  case invalidValue
  /// A stored checksum is not that of the bytes beside it.
  case checksumMismatch
  /// A kind of event, or a version of one, that this program does not know.
  case unknownEvent(type: UInt64, version: UInt64)
}
