internal import Domain
internal import Entities
internal import Journal

/// What the indexes of an engine hold besides names, in a snapshot's guide: so that a start need
/// not read every entity for it.
struct GuideParts {
  private static let tokens = "tokens"
  private static let agenda = "agenda"
  private static let authors = "authors"
  /// Entries in one piece.
  private static let pieceMax = 4_096

  let tokens: [(digest: [UInt8], holder: TokenHolder)]
  let agenda: [Agenda.Item]
  /// Ascending.
  let authors: [UserID]

  /// As they are now: they follow the committed events, up to the snapshot's position or beyond.
  /// What comes after that is folded again, which changes nothing.
  init(_ indexes: Indexes) {
    tokens = indexes.tokens.all
    agenda = indexes.agenda.all
    authors = indexes.authors.all
  }

  func write(to writer: SnapshotWriter) {
    Self.write(tokens, as: Self.tokens, to: writer) { encoder, token in
      encoder.bytes(token.digest)
      encoder.id(token.holder.user)
      encoder.id(token.holder.token)
      encoder.uint(UInt64(token.holder.scope.rawValue))
      encoder.optional(token.holder.expires) { $0.instant($1) }
    }
    Self.write(agenda, as: Self.agenda, to: writer) { encoder, item in
      encoder.id(item.post)
      encoder.uint(UInt64(item.task.rawValue))
      encoder.instant(item.due)
    }
    Self.write(authors, as: Self.authors, to: writer) { $0.id($1) }
  }

  private static func write<Element>(
    _ elements: [Element], as name: String, to writer: SnapshotWriter,
    _ encode: (inout CBOREncoder, Element) -> Void
  ) {
    var piece = CBOREncoder()
    for (index, element) in elements.enumerated() {
      encode(&piece, element)
      guard (index + 1).isMultiple(of: pieceMax) else { continue }
      writer.guide(name, piece.bytes)
      piece.reset()
    }
    // Also where nothing is left, or nothing was: that it was written can be told by that.
    writer.guide(name, piece.bytes)
  }

  /// Nil if one of them is not there.
  init?(_ guide: SnapshotGuide) throws(SnapshotError) {
    guard let tokens = guide[Self.tokens], let agenda = guide[Self.agenda],
      let authors = guide[Self.authors]
    else { return nil }
    do throws(CBORError) {
      self.tokens = try Self.read(tokens) { decoder throws(CBORError) in
        let digest = Array(try decoder.bytes())
        let user: UserID = try decoder.id()
        let token: TokenID = try decoder.id()
        let scope: Scope = try decoder.choice()
        let expires = try decoder.optional { (decoder) throws(CBORError) in try decoder.instant() }
        return (digest, TokenHolder(user: user, token: token, scope: scope, expires: expires))
      }
      self.agenda = try Self.read(agenda) { decoder throws(CBORError) in
        let post: PostID = try decoder.id()
        let task: Agenda.Task = try decoder.choice()
        return Agenda.Item(due: try decoder.instant(), post: post, task: task)
      }
      self.authors = try Self.read(authors) { decoder throws(CBORError) in try decoder.id() }
    } catch {
      throw .entry("the guide", error)
    }
  }

  private static func read<Element>(
    _ pieces: [[UInt8]], _ element: (inout CBORDecoder) throws(CBORError) -> Element
  ) throws(CBORError) -> [Element] {
    var elements: [Element] = []
    for piece in pieces {
      var decoder = CBORDecoder(piece)
      while !decoder.isAtEnd { elements.append(try element(&decoder)) }
    }
    return elements
  }
}
