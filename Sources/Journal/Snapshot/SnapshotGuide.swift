internal import Domain
internal import Glibc

/// What is behind the last section of a snapshot file: where its sections begin and where single
/// entries lie, and what whoever wrote it put there to be found without reading the rest.
package struct SnapshotGuide: Sendable {
  private static let sections = "sections"
  /// At least, of a key of an identifier and a place.
  private static let bytesPerPlace = 16

  /// By name, in the order of writing.
  private let pieces: [String: [[UInt8]]]

  /// Nil for a file that has none. The file must have been verified, or be while this is used.
  package init?(of path: String) throws(JournalError) {
    let frames = try SnapshotFrames(path)
    guard let offset = try frames.guideOffset else { return nil }
    frames.seek(to: offset)
    var pieces: [String: [[UInt8]]] = [:]
    while try !frames.isAtEnd {
      let (name, bytes) = try frames.item { decoder throws(CBORError) in
        guard try decoder.array() == 3,
          try decoder.uint() == SnapshotFormat.Item.guide.rawValue
        else { throw .invalidValue }
        return (try decoder.text(), Array(try decoder.bytes()))
      }
      pieces[name, default: []].append(bytes)
    }
    self.pieces = pieces
  }

  /// What was put there under a name; nil if nothing was.
  package subscript(name: String) -> [[UInt8]]? { pieces[name] }

  /// Where a section begins; nil if there is none of that name.
  func offset(ofSection name: String) -> UInt64? {
    for piece in pieces[Self.sections] ?? [] {
      var decoder = CBORDecoder(piece)
      if (try? decoder.text()) == name { return try? decoder.uint() }
    }
    return nil
  }

  /// Whether the places of a section's entries are known.
  package func hasPlaces(ofSection name: String) -> Bool {
    pieces[Self.places(of: name)] != nil
  }

  /// The keys and places of a section's entries.
  package func forEachPlace<Failure: Error>(
    ofSection name: String,
    _ body: (_ key: ArraySlice<UInt8>, SnapshotPlace) throws(Failure) -> Void
  ) throws(Failure) {
    for piece in pieces[Self.places(of: name)] ?? [] {
      var decoder = CBORDecoder(piece)
      while !decoder.isAtEnd {
        guard let key = try? decoder.bytes(), let place = try? decoder.uint() else { break }
        try body(key, SnapshotPlace(raw: place))
      }
    }
  }

  /// About how many entries of a section there are; never far too many, for making room.
  package func placesEstimate(ofSection name: String) -> Int {
    let bytes = (pieces[Self.places(of: name)] ?? []).reduce(0) { $0 + $1.count }
    return bytes / Self.bytesPerPlace
  }

  static func places(of section: String) -> String { "places \(section)" }

  struct Builder {
    private(set) var items: [[UInt8]] = []

    mutating func note(section name: String, at offset: UInt64) {
      var piece = CBOREncoder()
      piece.text(name)
      piece.uint(offset)
      add(SnapshotGuide.sections, piece.bytes)
    }

    mutating func add(_ name: String, _ bytes: [UInt8]) {
      var item = CBOREncoder(reserving: bytes.count + name.utf8.count + 16)
      item.array(3)
      item.uint(SnapshotFormat.Item.guide.rawValue)
      item.text(name)
      item.bytes(bytes)
      items.append(item.bytes)
    }
  }
}
