import Domain
import Engine
import Entities
import Journal

/// What becomes of posts besides being published, liked and shared.
extension Townspeople {
  mutating func live(withPosts step: Int) async throws {
    switch random(14) {
    case 0...2: try await draft(step)
    case 3: try await edit(step)
    case 4: try await releaseOrDiscard()
    case 5: await performDue()
    case 6...7: try await publishPoll(step)
    case 8: try await takeBack()
    default: try await mark(step)
    }
  }

  private func newPost() -> PostID { PostID(town.engine.shards[0].ids.next()) }

  private mutating func draft(_ step: Int) async throws {
    let id = newPost()
    let author = user()
    let facts = PostFacts(
      author: author, visibility: .public, tags: [Tag(folded: "tag\(random(5))")],
      isStory: random(3) == 0, hasLink: random(2) == 0)
    let scheduled = random(2) == 0 ? town.clock.now.adding(ms: 60_000) : nil
    var fields: [Secret.Field: String] = [.text: "Draft \(step)"]
    if facts.hasLink { fields[.link] = "https://example.org/\(step)" }
    let secret = Secret(fields)
    _ = try await entity(id).perform(
      .draft(facts, scheduled: scheduled, secret: secret), by: author)
    drafts.append((id, facts))
  }

  private mutating func edit(_ step: Int) async throws {
    guard !posts.isEmpty else { return }
    let post = drafts.isEmpty || random(2) == 0 ? post() : drafts[random(drafts.count)]
    let tags = random(2) == 0 ? [Tag(folded: "tag\(random(5))")] : []
    let mentions = random(2) == 0 ? [user()] : []
    let base = await entity(post.id).read { $0.own.textPosition }.value
    var fields: [Secret.Field: String] = [.text: "Edit \(step)"]
    if post.facts.poll != nil { fields[.options] = "yes\nno\nperhaps" }
    let secret = Secret(fields)
    _ = try await entity(post.id).perform(
      .edit(tags: tags, mentions: mentions, base: base, secret: secret), by: post.facts.author)
  }

  private mutating func releaseOrDiscard() async throws {
    guard !drafts.isEmpty else { return }
    let (id, facts) = drafts.remove(at: random(drafts.count))
    let order = ShareID(town.engine.shards[0].ids.next())
    let command: PostCommand = random(3) == 0 ? .delete : .release(order: order)
    _ = try await entity(id).perform(command, by: facts.author)
    if command != .delete { posts.append((id, facts)) }
  }

  private mutating func performDue() async {
    await town.settle()
    await town.engine.performDue()
  }

  private mutating func publishPoll(_ step: Int) async throws {
    let id = newPost()
    let author = user()
    var facts = PostFacts(author: author, visibility: .public)
    facts.poll = PollFacts(
      optionCount: 3, isMultiple: random(2) == 0, secondsOpen: random(2) == 0 ? 30 : nil)
    let secret = Secret([.text: "Which, \(step)?", .options: "yes\nno\nperhaps"])
    let published = facts
    _ = try await entity(id).perform(.publish(published, secret: secret), by: author)
    polls.append((id, facts))
    posts.append((id, facts))
  }

  private mutating func mark(_ step: Int) async throws {
    guard !posts.isEmpty else { return }
    let command: PostCommand
    switch random(8) {
    case 0...1: command = .react(["🎉", "😢", "👍🏽"][random(3)])
    case 2...3: command = .view
    case 4:
      let reason = Secret([.text: "Reason \(step)"])
      command = .moderate(
        Moderation.allCases[random(3)], secret: random(2) == 0 ? reason : nil)
    default: command = .vote(random(2) == 0 ? [random(3)] : [0, 2])
    }
    var id = post().id
    if case .vote = command, !polls.isEmpty { id = polls[random(polls.count)].id }
    let one = users[random(min(4, users.count))]
    _ = try await entity(id).perform(command, by: one)
  }
  /// Of one of the newest posts, the earliest reaction or share.
  private mutating func takeBack() async throws {
    let isReaction = random(2) == 0
    for (id, _) in posts.suffix(30) {
      let one = await entity(id).read { post in
        var first: UserID?
        if isReaction {
          post.own.extras.value.reactions.forEach { entry in
            first = entry.key
            return false
          }
        } else {
          post.own.shares.forEach { entry in
            first = entry.key
            return false
          }
        }
        return first
      }.value
      guard let one else { continue }
      _ = try await entity(id).perform(isReaction ? .unreact : .unshare, by: one)
      return
    }
  }
}
