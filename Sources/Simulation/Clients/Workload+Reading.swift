import Domain

extension Workload {
  func read(
    _ model: NaiveModel, me: NaiveModel.Viewer, _ random: inout SeededGenerator
  ) -> Call {
    if let id = me.id, random.chance(4) {
      // A report is no reading, but as rare as one should be.
      return random.chance(50)
        ? .moderate(.reportPost(Self.post(model, &random), "a reason of \(id)"))
        : .moderate(.reportPerson(random.pick(names), "another reason"))
    }
    let name = random.pick(names)
    let post = Self.post(model, &random)
    let open: [Call] = [
      .read(.get(post)), .read(.profile(name)), .page(.everybody),
      .page(.tag(random.pick(Self.tags))), .page(.thread(post)),
      .page(.timeline(name, replies: random.chance(50))), .page(.followers(name)),
      .page(.following(name)), .page(.likes(post)), .page(.shares(post)), .page(.edits(post)),
    ]
    guard let id = me.id, random.chance(60) else { return random.pick(open) }
    let chat = Self.chat(model, id, &random)
    let list = model.people[id]?.lists.last?.id ?? 84
    let own: [Call] = [
      .page(.home), .page(.home), .page(.home), .page(.inbox(unread: false)),
      .page(.inbox(unread: true)), .page(.chats), .page(.history(chat)), .read(.chatInfo(chat)),
      .read(.unread), .page(.requests), .read(.relation(name)), .page(.drafts),
      .page(.bookmarks), .page(.stories), .page(.hashtags), .read(.lists), .read(.list(list)),
      .page(.listTimeline(list)), .read(.tokens), .page(.reports),
    ]
    return random.pick(own)
  }

  /// Everything of one's own, for when all is quiet.
  func everythingOwn(_ model: NaiveModel, _ me: UInt64) -> [Call] {
    var calls: [Call] = [
      .page(.home), .page(.inbox(unread: false)), .page(.inbox(unread: true)), .read(.unread),
      .page(.requests), .page(.chats), .page(.drafts), .page(.bookmarks), .page(.stories),
      .page(.hashtags), .read(.lists), .read(.tokens), .page(.reports),
    ]
    for list in model.people[me]?.lists ?? [] {
      calls += [.read(.list(list.id)), .page(.listTimeline(list.id))]
    }
    for chat in model.chatOrder where model.knows(chat, me) {
      calls += [.read(.chatInfo(chat)), .page(.history(chat))]
    }
    return calls.filter { vocabulary.has($0) }
  }

  /// Everything about one person, as others may ask.
  func everything(about name: String, isAnonymous: Bool) -> [Call] {
    var calls: [Call] = [
      .read(.profile(name)), .page(.timeline(name, replies: true)),
      .page(.timeline(name, replies: false)), .page(.followers(name)), .page(.following(name)),
    ]
    if !isAnonymous { calls.append(.read(.relation(name))) }
    return calls.filter { vocabulary.has($0) }
  }

  /// Everything about one post.
  func everything(about post: UInt64) -> [Call] {
    let calls: [Call] = [
      .read(.get(post)), .page(.thread(post)), .page(.likes(post)), .page(.shares(post)),
      .page(.edits(post)),
    ]
    return calls.filter { vocabulary.has($0) }
  }

  /// What is the same for all, but for what each may see.
  var everythingOpen: [Call] {
    let tags: [Call] = Self.tags.map { .page(.tag($0)) }
    let calls: [Call] = [.page(.everybody), .read(.trendingTags), .read(.trendingPosts)] + tags
    return calls.filter { vocabulary.has($0) }
  }
}
