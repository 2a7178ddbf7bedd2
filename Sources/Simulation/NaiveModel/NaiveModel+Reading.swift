import Domain
import Wire

extension NaiveModel {
  /// What a reading command answers, whole: for a page, all items.
  enum Answer {
    case reply(Reply)
    case items([Reply])
  }

  func answer(_ call: Call, by viewer: Viewer, at now: Int64) -> Answer {
    switch call {
    case .page(let list): return answer(list, by: viewer, at: now)
    case .read(let read): return .reply(reply(read, by: viewer, at: now))
    case .signUp, .authenticate, .present, .relate, .post, .own, .chat, .moderate, .inPlaceOf:
      preconditionFailure("\(call.words[0]) is no read")
    }
  }

  /// Who asks.
  struct Viewer: Equatable, Sendable {
    var id: UInt64?
    var scope = Scope.write
    /// What they came with, if not with a password.
    var token: UInt64?

    var isModerator: Bool { id != nil && (scope == .moderator || scope == .admin) }
  }

  private func reply(_ read: Call.Read, by viewer: Viewer, at now: Int64) -> Reply {
    let me = viewer.id ?? 0
    switch read {
    case .get(let id):
      switch seen(id, viewer.id, at: now, asModerator: viewer.isModerator) {
      case .refused(let refusal): return refusal
      case .found(let post): return describe(post, viewer.id, at: now)
      }
    case .profile(let name): return profile(name, viewer.id, at: now)
    case .trendingTags: return .array(trendingTags(at: now))
    case .trendingPosts: return .array(trendingPosts(at: now, viewer.id))
    case .relation(let name): return relation(name, me)
    case .unread: return .count(unreadCount(me))
    case .chatInfo(let chat): return chatInfo(chat, me)
    case .lists:
      return .array(
        (people[me]?.lists ?? []).map { list in
          .map([
            "id": .id(list.id), "title": .text(list.title), "members": .count(list.members.count),
          ])
        })
    case .list(let id):
      guard let list = people[me]?.lists.first(where: { $0.id == id }) else {
        return .refused(.notFound)
      }
      return .map([
        "id": .id(id), "title": .text(list.title),
        "members": .array(list.members.map { .text(name($0)) }),
      ])
    case .tokens: return tokens(me, at: now)
    }
  }

  private func tokens(_ me: UInt64, at now: Int64) -> Reply {
    let valid = (people[me]?.tokens ?? []).filter { token in
      token.expires.map { now < $0 } ?? true
    }
    return .array(
      valid.map { token in
        .map([
          "id": .id(token.id), "label": .words(token.label), "scope": .text("\(token.scope)"),
          "created_at": .integer(token.created), "expires_at": .number(token.expires),
          "last_used_at": .number(tokenUses[token.id]),
        ])
      })
  }

  private func answer(_ list: Call.List, by viewer: Viewer, at now: Int64) -> Answer {
    let me = viewer.id ?? 0
    switch list {
    case .home: return .items(home(me, at: now))
    case .everybody:
      return listed(viewer.id, at: now) { post in
        let parent = post.facts.parent.flatMap { posts[$0]?.author }
        return post.facts.visibility == .public && (parent == nil || parent == post.author)
      }
    case .tag(let tag):
      return listed(viewer.id, at: now) {
        $0.facts.visibility == .public && $0.facts.tags.contains(tag)
      }
    case .timeline(let name, let replies): return timeline(name, replies, viewer.id, at: now)
    case .listTimeline(let id):
      guard let list = people[me]?.lists.first(where: { $0.id == id }) else {
        return .reply(.refused(.notFound))
      }
      return .items(listTimeline(list, me, at: now))
    case .thread(let id): return thread(id, viewer.id, at: now)
    case .followers(let name): return edges(name, viewer.id) { follows.to($0) }
    case .following(let name): return edges(name, viewer.id) { follows.from($0) }
    case .inbox(let unread):
      return .items(inbox(me).filter { !unread || $0["read"] == .integer(0) })
    case .chats: return .items(chatList(me))
    case .requests: return .items(requests.to(me).reversed().map { .text(name($0)) })
    case .history(let id):
      guard let chat = chats[id], knows(id, me) else { return .reply(.refused(.notFound)) }
      return .items(visibleMessages(chat, me).reversed().map { describe($0, in: id) })
    case .drafts:
      let mine = postOrder.sorted(by: >).compactMap { posts[$0] }
        .filter { $0.author == me && $0.stage == .draft }
      return .items(mine.map { describe($0, me, at: now) })
    case .bookmarks:
      let kept = (people[me]?.bookmarks ?? []).reversed().compactMap { posts[$0] }
      return .items(
        kept.filter { mayList($0, me, at: now) }.map { describe($0, me, at: now) })
    case .stories: return .items(stories(me, at: now))
    case .hashtags: return .items((people[me]?.tags ?? []).reversed().map { .text($0) })
    case .reports:
      guard viewer.isModerator else { return .reply(.refused(.denied)) }
      return .items(
        reports.filter { isOpen($0) }.sorted { $0.id > $1.id }.map { describe($0) })
    case .likes(let id): return marks(id, viewer, at: now) { $0.likes }
    case .shares(let id): return marks(id, viewer, at: now) { $0.shares }
    case .edits(let id):
      switch seen(id, viewer.id, at: now) {
      case .refused(let refusal): return .reply(refusal)
      case .found(let post): return .items(edits(post))
      }
    }
  }

  private func marks(
    _ id: UInt64, _ viewer: Viewer, at now: Int64, _ marks: (Post) -> [Mark]
  ) -> Answer {
    switch seen(id, viewer.id, at: now) {
    case .refused(let refusal): return .reply(refusal)
    case .found(let post):
      return .items(usernames(marks(post).map(\.person), viewer.id))
    }
  }

  /// The open ones of erased people go with them.
  func isOpen(_ report: Report) -> Bool { !report.isClosed && !isErased(report.reporter) }

  private func edits(_ post: Post) -> [Reply] {
    let newest = Version(
      text: post.facts.text, warning: post.facts.warning, link: post.facts.link,
      time: post.editedAt ?? post.time)
    return (post.versions + [newest]).reversed().map { version in
      .map([
        "text": .text(version.text), "warning": .words(version.warning),
        "link": .words(version.link), "at": .integer(version.time),
      ])
    }
  }

  private func describe(_ report: Report) -> Reply {
    .map([
      "id": .id(report.id), "reporter": .text(name(report.reporter)),
      "username": .text(name(report.person)), "post": .id(report.post),
      "reason": isErased(report.reporter) ? .null : .text(report.reason),
      "created_at": .integer(report.time),
    ])
  }

  private func listed(
    _ viewer: UInt64?, at now: Int64, _ isWanted: (Post) -> Bool
  ) -> Answer {
    let found = postOrder.compactMap { posts[$0] }
      .filter { isWanted($0) && mayList($0, viewer, at: now) }
    return .items(
      found.sorted { $0.order > $1.order }.map { describe($0, viewer, at: now) })
  }
}
