internal import Domain
internal import Journal

/// What a segment says about itself, at its end.
struct SegmentFooter: Hashable {
  /// Raised when anything about the files changes, terms included: others are made anew.
  static let version: UInt64 = 1
  /// The length of the footer and its CRC-32, at the very end.
  static let tailBytes = 8

  var first: Position
  var last: Position
  /// The journal's link of the chain at `last`: `JournalReader.link`.
  var link: [UInt8]
  /// Where the directory of blocks lies; everything before is blocks.
  var directory: Range<Int>
  var terms: UInt64
  var postings: UInt64

  var bytes: [UInt8] {
    var encoder = CBOREncoder()
    encoder.array(8)
    encoder.uint(Self.version)
    encoder.uint(first.raw)
    encoder.uint(last.raw)
    encoder.bytes(link)
    encoder.uint(UInt64(directory.lowerBound))
    encoder.uint(UInt64(directory.count))
    encoder.uint(terms)
    encoder.uint(postings)
    return encoder.bytes
  }

  init(
    first: Position, last: Position, link: [UInt8], directory: Range<Int>, terms: UInt64,
    postings: UInt64
  ) {
    self.first = first
    self.last = last
    self.link = link
    self.directory = directory
    self.terms = terms
    self.postings = postings
  }

  init(_ bytes: ArraySlice<UInt8>) throws(CBORError) {
    var decoder = CBORDecoder(bytes)
    try decoder.array(of: 8)
    guard try decoder.uint() == Self.version else { throw .invalidValue }
    first = Position(try decoder.uint())
    last = Position(try decoder.uint())
    link = Array(try decoder.bytes())
    let start = try decoder.uint()
    let count = try decoder.uint()
    guard start <= 1 << 40, count <= 1 << 40, first > .zero, first <= last else {
      throw .invalidValue
    }
    directory = Int(start)..<Int(start + count)
    terms = try decoder.uint()
    postings = try decoder.uint()
    try decoder.finish()
  }
}

/// Writes a segment: blocks of terms in ascending order with the offsets of their events, the
/// directory of blocks, the footer.
///
/// A term is written as what it does not share with the one before it in its block. Its offsets
/// follow as differences; the first counts from the segment's first position.
struct SegmentWriter {
  /// A block ends with the term that fills it.
  private static let blockBytes = 4_096

  private let first: Position
  private var block: [UInt8] = []
  private var blockTerm: [UInt8] = []
  private var lastTerm: [UInt8] = []
  private var directory: [UInt8] = []
  private var length = 0
  private var terms: UInt64 = 0
  private var postings: UInt64 = 0
  private var deltas: [UInt8] = []

  init(first: Position) { self.first = first }

  mutating func add(
    _ term: [UInt8], _ offsets: [UInt32],
    to sink: ([UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    precondition(!offsets.isEmpty, "a term finds something")
    if block.isEmpty {
      blockTerm = term
      lastTerm = []
    }
    var shared = 0
    while shared < min(lastTerm.count, term.count), lastTerm[shared] == term[shared] { shared += 1 }
    block.appendVarint(UInt64(shared))
    block.appendVarint(UInt64(term.count - shared))
    block += term[shared...]
    deltas.removeAll(keepingCapacity: true)
    var last: UInt32 = 0
    for offset in offsets {
      deltas.appendVarint(UInt64(offset - last))
      last = offset
    }
    block.appendVarint(UInt64(offsets.count))
    // One offset says itself how long it is.
    if offsets.count > 1 { block.appendVarint(UInt64(deltas.count)) }
    block += deltas
    lastTerm = term
    terms += 1
    postings += UInt64(offsets.count)
    if block.count >= Self.blockBytes { try finishBlock(sink) }
  }

  private mutating func finishBlock(
    _ sink: ([UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    guard !block.isEmpty else { return }
    block.appendLittleEndian(crc32Checksum(block))
    directory.appendVarint(UInt64(blockTerm.count))
    directory += blockTerm
    directory.appendVarint(UInt64(block.count))
    try sink(block)
    length += block.count
    block.removeAll(keepingCapacity: true)
  }

  mutating func finish(
    last: Position, link: [UInt8], to sink: ([UInt8]) throws(JournalError) -> Void
  ) throws(JournalError) {
    try finishBlock(sink)
    directory.appendLittleEndian(crc32Checksum(directory))
    try sink(directory)
    var footer = SegmentFooter(
      first: first, last: last, link: link, directory: length..<(length + directory.count),
      terms: terms, postings: postings
    ).bytes
    let footerLength = UInt32(footer.count)
    footer.appendLittleEndian(crc32Checksum(footer))
    footer.appendLittleEndian(footerLength)
    try sink(footer)
  }
}
