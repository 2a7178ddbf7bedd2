package import Domain

/// Finds every entity of a shard.
package struct Directory: Sendable {
  package let users: EntityIndex<UserID, UserState>
  package let posts: EntityIndex<PostID, PostState>
  package let chats: EntityIndex<ChatID, ChatState>
  package let tags: EntityIndex<Tag, TagState>

  package init(surroundings: Surroundings, executors: any ExecutorSource) {
    users = EntityIndex(surroundings: surroundings, executors: executors) { .user($0) }
    posts = EntityIndex(surroundings: surroundings, executors: executors) { .post($0) }
    chats = EntityIndex(surroundings: surroundings, executors: executors) { .chat($0) }
    tags = EntityIndex(surroundings: surroundings, executors: executors) { .tag($0) }
  }

  /// Of all kinds together.
  package var usage: IndexUsage { users.usage + posts.usage + chats.usage + tags.usage }

  /// Delivers a committed event to an entity that it concerns. Hashtags come into being by being
  /// used; anybody else that an event names exists already.
  package func observe(_ record: Record, as key: EntityKey) async {
    switch key {
    case .user(let id): await users.observe(record, as: id)
    case .post(let id): await posts.observe(record, as: id)
    case .chat(let id): await chats.observe(record, as: id)
    case .tag(let tag):
      _ = tags.findOrMake(tag)
      await tags.observe(record, as: tag)
    }
  }

  /// Folds an event from the journal into its owner, at start-up.
  package func replay(_ record: Record) async {
    switch record.entity {
    case .user(let id): await users.findOrMake(id).replay(record)
    case .post(let id): await posts.findOrMake(id).replay(record)
    case .chat(let id): await chats.findOrMake(id).replay(record)
    case .tag(let tag): await tags.findOrMake(tag).replay(record)
    }
  }
}
