internal import Domain
internal import Entities
internal import Journal

/// Where the entities of one shard lie in a snapshot, kind by kind.
struct Bedrooms: Sendable {
  private let users: Dormitory<UserID, UserState>
  private let posts: Dormitory<PostID, PostState>
  private let chats: Dormitory<ChatID, ChatState>
  private let tags: Dormitory<Tag, TagState>

  /// Whether a snapshot says where its entities are.
  static func areKnown(to guide: SnapshotGuide) -> Bool {
    EntityKind.all.allSatisfy { guide.hasPlaces(ofSection: SnapshotPart.entities($0).name) }
  }

  /// Of a snapshot that says where its entities are.
  ///
  /// What its file holds must have been verified, or be before anybody is woken from it.
  init(
    in path: String, _ guide: SnapshotGuide, shard: ShardIndex, of sharding: Sharding
  ) throws(SnapshotError) {
    let lookup: SnapshotLookup
    do throws(JournalError) { lookup = try SnapshotLookup(path) } catch { throw .journal(error) }
    let maker = Maker(path: path, guide: guide, lookup: lookup, shard: shard, sharding: sharding)
    users = try maker.dormitory { if case .user(let id) = $0 { id } else { nil } }
    posts = try maker.dormitory { if case .post(let id) = $0 { id } else { nil } }
    chats = try maker.dormitory { if case .chat(let id) = $0 { id } else { nil } }
    tags = try maker.dormitory { if case .tag(let tag) = $0 { tag } else { nil } }
  }

  /// From now on a directory's entities sleep here.
  func open(to directory: Directory) {
    directory.users.move(to: users)
    directory.posts.move(to: posts)
    directory.chats.move(to: chats)
    directory.tags.move(to: tags)
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
      places.reserveCapacity(guide.placesEstimate(ofSection: section) / sharding.count)
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
