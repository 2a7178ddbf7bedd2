import Domain
import Entities
import Wire

extension Service {
  /// What a post or message of the owner names by these ids, in their order. Throws NOTFOUND for
  /// what is not the owner's own, and INVALID for too many or one twice.
  ///
  /// The events that added them lie before whatever the owner does next: nothing has to be waited
  /// for.
  func media(_ ids: [UInt64], of owner: UserID) async throws -> [MediaReference] {
    if ids.isEmpty { return [] }
    let found = await (try user(owner)).read { state -> Result<[MediaReference], Rejection> in
      do throws(Rejection) {
        return .success(try state.references(to: ids.map { MediaID($0) }))
      } catch {
        return .failure(error)
      }
    }
    let references = try found.value.get()
    try validateMedia(references)
    return references
  }

  /// A list of maps `id kind url alt`; url and alt are null once their owner is erased.
  func reply(_ media: [MediaReference]) throws -> Reply {
    .array(
      try media.map { medium in
        .map([
          "id": .id(medium.id.raw), "kind": .text(String(describing: medium.kind)),
          "url": try reply(.link, at: medium.position),
          "alt": try reply(.alt, at: medium.position),
        ])
      })
  }
}
