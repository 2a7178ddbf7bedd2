internal import Domain
internal import Entities
internal import Journal

/// Where the entities of one shard lie in a snapshot, kind by kind.
struct Bedrooms: Sendable {
  private(set) var users = Dormitory<UserID, UserState>()
  private(set) var posts = Dormitory<PostID, PostState>()
  private(set) var chats = Dormitory<ChatID, ChatState>()
  private(set) var tags = Dormitory<Tag, TagState>()

  /// Nil if the snapshot does not say where its entities are.
  ///
  /// What its file holds must have been verified, or be before anybody is woken from it.
  static func make(
    from path: String, _ guide: SnapshotGuide, shard: ShardIndex, of sharding: Sharding
  ) throws(SnapshotError) -> Bedrooms? {
    guard EntityKind.all.allSatisfy({ guide.hasPlaces(ofSection: SnapshotPart.entities($0).name) })
    else { return nil }
    let lookup: SnapshotLookup
    do throws(JournalError) { lookup = try SnapshotLookup(path) } catch { throw .journal(error) }
    let maker = Maker(path: path, guide: guide, lookup: lookup, shard: shard, sharding: sharding)
    var bedrooms = Bedrooms()
    bedrooms.users = try maker.dormitory { key in
      if case .user(let id) = key { id } else { nil }
    }
    bedrooms.posts = try maker.dormitory { key in
      if case .post(let id) = key { id } else { nil }
    }
    bedrooms.chats = try maker.dormitory { key in
      if case .chat(let id) = key { id } else { nil }
    }
    bedrooms.tags = try maker.dormitory { key in
      if case .tag(let tag) = key { tag } else { nil }
    }
    return bedrooms
  }

  private struct Maker {
    let path: String
    let guide: SnapshotGuide
    let lookup: SnapshotLookup
    let shard: ShardIndex
    let sharding: Sharding

    func dormitory<ID, State: StateCoding>(
      _ id: (EntityKey) -> ID?
    ) throws(SnapshotError) -> Dormitory<ID, State> {
      var places: [ID: UInt64] = [:]
      let section = SnapshotPart.entities(State.kind).name
      do throws(CBORError) {
        try guide.forEachPlace(ofSection: section) { key, place throws(CBORError) in
          let key = try EntityEntry.readKey(key)
          guard sharding.shard(of: key) == shard else { return }
          guard let id = id(key) else { throw .invalidValue }
          places[id] = place.raw
        }
      } catch {
        throw .entry(section, error)
      }
      return Dormitory(
        places: places,
        entry: { [lookup, path] place in
          do throws(JournalError) {
            return try lookup.entry(at: SnapshotPlace(raw: place))
          } catch {
            Self.halt(path, "\(error)")
          }
        },
        read: { [path] entry in
          do throws(CBORError) {
            return try EntityEntry.read(State.self, key: entry.key[...], value: entry.value[...])
          } catch {
            Self.halt(path, "an entry of \(section) does not read: \(error)")
          }
        })
    }

    /// Without the entity nothing right can be answered; the next start passes over the snapshot.
    private static func halt(_ path: String, _ reason: String) -> Never {
      fatalError("roost: an entity cannot come back from \(path): \(reason)")
    }
  }
}
