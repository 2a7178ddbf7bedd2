import Domain
import Projections
import Testing

/// Everything that is read, against the naive town, while the town lives.
struct OracleTests {
  struct Setup: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var shardCount: Int
    var limits: ProjectionLimits
    var testDescription: String {
      "seed \(seed), \(shardCount) shards, ring \(limits.ringMax), "
        + "celebrity \(limits.celebrityFollowersMax)"
    }
  }

  static let setups: [Setup] = [
    Setup(seed: 1, shardCount: 1, limits: ProjectionLimits(ringMax: 6, celebrityFollowersMax: 5)),
    Setup(seed: 2, shardCount: 2, limits: ProjectionLimits(ringMax: 3, celebrityFollowersMax: 3)),
    Setup(seed: 3, shardCount: 4, limits: ProjectionLimits(ringMax: 9, celebrityFollowersMax: 100)),
    Setup(seed: 4, shardCount: 2, limits: ProjectionLimits(ringMax: 1, celebrityFollowersMax: 0)),
    Setup(seed: 5, shardCount: 1, limits: ProjectionLimits()),
    Setup(seed: 6, shardCount: 4, limits: ProjectionLimits(ringMax: 20, celebrityFollowersMax: 8)),
  ]

  @Test(arguments: setups)
  func `every page sequence equals the naive town's`(_ setup: Setup) async throws {
    var play = Play(seed: setup.seed, peopleCount: 12)
    var cluster = Cluster(shardCount: setup.shardCount, limits: setup.limits)
    for step in 1...1_600 {
      play.step()
      try cluster.fold(play.records[Int(cluster.position.raw)...])
      if step % 20 == 0 {
        let context = Comment("seed \(setup.seed), step \(step)")
        await check(play.town, cluster, &play.random, context)
      }
      if step % 150 == 0 {
        let moment = play.now + Int64.random(in: 0...4_000_000, using: &play.random)
        let context = Comment("seed \(setup.seed), step \(step)")
        checkTrends(play.town, cluster, at: moment, context)
        checkStories(play.town, cluster, at: moment, &play.random, context)
      }
    }
    #expect(cluster.shards.allSatisfy { $0.skipped == 0 && $0.position == cluster.position })
  }

  private func check(
    _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix, _ context: Comment
  ) async {
    let viewer = random.pick(town.people)!
    let author = random.pick(town.people)!
    let tag = random.pick(Play.tags)!
    await checkHome(viewer, town, cluster, &random, context)
    await checkList(town, cluster, &random, context)
    await checkTagsAndReports(viewer, town, cluster, &random, context)
    await checkTimelines(viewer, author, tag, town, cluster, &random, context)
    await checkPeople(author, viewer, town, cluster, &random, context)
    await checkInbox(author, town, cluster, &random, context)
    await checkChats(author, town, cluster, &random, context)
    await checkDrafts(author, town, cluster, &random, context)
  }

  private func checkHome(
    _ viewer: UserID, _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix,
    _ context: Comment
  ) async {
    let count = Int.random(in: 1...25, using: &random)
    let scannedMax = random.once(in: 2) ? 7 : 4_096
    var items: [NaiveTown.HomeItem] = []
    var before: UInt64? = .max
    while let key = before {
      let page = await cluster.home(
        viewer, before: key, count: count, scannedMax: scannedMax, town: town)
      #expect(page.items.count <= count, context)
      if scannedMax > 7, page.next != nil { #expect(page.items.count == count, context) }
      items += page.items.map {
        NaiveTown.HomeItem(key: $0.orderKey, post: $0.post, sharer: $0.sharer)
      }
      before = page.next
    }
    #expect(items == town.home(viewer), context)
  }

  private func checkList(
    _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix, _ context: Comment
  ) async {
    guard let list = random.pick(town.lists) else { return }
    let count = Int.random(in: 1...25, using: &random)
    let scannedMax = random.once(in: 2) ? 7 : 4_096
    var items: [NaiveTown.HomeItem] = []
    var before: UInt64? = .max
    while let key = before {
      let page = await cluster.list(
        list.members, of: list.owner, before: key, count: count, scannedMax: scannedMax,
        town: town)
      #expect(page.items.count <= count, context)
      items += page.items.map {
        NaiveTown.HomeItem(key: $0.orderKey, post: $0.post, sharer: $0.sharer)
      }
      before = page.next
    }
    #expect(items == town.timeline(of: list.members, seenBy: list.owner), context)
  }

  private func checkTagsAndReports(
    _ viewer: UserID, _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix,
    _ context: Comment
  ) async {
    let tags = town.tagFollows.filter { $0.user == viewer }.map(\.tag)
    #expect(cluster[.user(viewer)].followedTags(of: viewer) == tags, context)
    let reports = await pages(&random) { before, limit in
      cluster.shards[0].reports.page(before: before, limit: limit)
    }
    let expected = town.reports.sorted { $0.id > $1.id }
    #expect(
      reports.map {
        NaiveTown.Report(id: $0.id, reporter: $0.reporter, user: $0.user, post: $0.post)
      } == expected, context)
    for report in reports.prefix(2) {
      #expect(cluster.shards[0].reports.report(report.id) == report, context)
    }
  }

  private func checkTimelines(
    _ viewer: UserID, _ author: UserID, _ tag: Hashtag, _ town: NaiveTown, _ cluster: Cluster,
    _ random: inout SplitMix, _ context: Comment
  ) async {
    let replies = random.once(in: 2)
    let timeline = await pages(&random) { before, limit in
      cluster[.user(author)].timeline(
        of: author, includesReplies: replies, before: before, limit: limit
      ).candidates
    } admits: { entry in
      town.post(entry.post).map { $0.isListed && town.canSee(viewer, $0.facts) } ?? false
    }
    let expected = town.timeline(author, seenBy: viewer, replies: replies)
    #expect(timeline.map(\.orderKey) == expected.map(\.key), context)
    #expect(timeline.map(\.post) == expected.map(\.post), context)
    #expect(timeline.map { $0.kind == .share } == expected.map { $0.sharer != nil }, context)

    func isSeen(_ post: PostID) -> Bool {
      town.post(post).map { $0.isListed && town.canSee(viewer, $0.facts) } ?? false
    }
    let tagged = await pages(&random) { before, limit in
      cluster[.tag(tag)].tags.page(of: tag, before: before, limit: limit)
    } admits: {
      isSeen($0.post)
    }
    #expect(tagged.map(\.post) == town.tag(tag, seenBy: viewer), context)
    let everyones = await pages(&random) { before, limit in
      cluster.shards[0].publicTimeline.page(before: before, limit: limit)
    } admits: {
      isSeen($0.post)
    }
    #expect(everyones.map(\.post) == town.everyones(seenBy: viewer), context)
  }

  private func checkPeople(
    _ user: UserID, _ other: UserID, _ town: NaiveTown, _ cluster: Cluster,
    _ random: inout SplitMix, _ context: Comment
  ) async {
    let models = cluster[.user(user)]
    let followers = await pages(&random) { before, limit in
      models.page(.followers, of: user, before: before, limit: limit)
    }
    #expect(followers.map(\.item) == town.followers(user), context)
    let following = await pages(&random) { before, limit in
      models.page(.following, of: user, before: before, limit: limit)
    }
    #expect(following.map(\.item) == town.following(user), context)
    #expect(models.followersCount(of: user) == followers.count, context)
    #expect(models.followingCount(of: user) == following.count, context)
    let relation = models.relation(of: user, to: other)
    let pair = NaiveTown.Pair(from: user, to: other)
    let back = NaiveTown.Pair(from: other, to: user)
    var expected = GraphRelation()
    expected.follows = town.follows.contains(pair)
    expected.followedBy = town.follows.contains(back)
    expected.requested = town.requests.contains(pair)
    expected.requestedBy = town.requests.contains(back)
    expected.blocks = town.blocks.contains(pair)
    expected.blockedBy = town.blocks.contains(back)
    expected.mutes = town.mutes.contains(pair)
    #expect(relation == expected, context)
    let requests = models.page(.requestsReceived, of: user, limit: 100)
    #expect(
      requests.map(\.item) == town.requests.reversed().filter { $0.to == user }.map(\.from),
      context)
  }

  private func checkInbox(
    _ owner: UserID, _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix,
    _ context: Comment
  ) async {
    let models = cluster[.user(owner)]
    let unreadOnly = random.once(in: 3)
    let inbox = await pages(&random) { before, limit in
      models.inboxPage(
        of: owner, before: before, asOf: models.position, limit: limit, unreadOnly: unreadOnly)
    }
    let lines = inbox.map { NaiveTown.InboxLine($0.item) }
    #expect(lines == town.inbox(owner).filter { !unreadOnly || !$0.isRead }, context)
    #expect(models.unread(of: owner) == town.unread(owner), context)
    if let entry = inbox.first?.item {
      #expect(models.inboxEntry(entry.id, of: owner) == entry, context)
    }
  }

  private func checkChats(
    _ user: UserID, _ town: NaiveTown, _ cluster: Cluster, _ random: inout SplitMix,
    _ context: Comment
  ) async {
    let models = cluster[.user(user)]
    let chats = await pages(&random) { before, limit in
      models.chatsPage(of: user, before: before, asOf: models.position, limit: limit)
    }
    let lines = chats.map { NaiveTown.ChatLine(chat: $0.item.chat, unread: $0.item.unread) }
    #expect(lines == town.chats(user), context)
    if let person = models.people.index(of: user) {
      for chat in town.chats {
        // Also of who left; no others' are kept.
        #expect(models.chats.unread(in: chat.id, for: person) == town.unread(chat, user), context)
      }
    }
  }

  private func checkTrends(
    _ town: NaiveTown, _ cluster: Cluster, at moment: Int64, _ context: Comment
  ) {
    let now = Instant(ms: moment)
    var tags: [TrendItem<Hashtag>] = []
    var posts: [TrendItem<PostID>] = []
    for shard in cluster.shards {
      tags += shard.trending.topTags(at: now, count: 1_000)
      posts += shard.trending.topPosts(at: now, count: 1_000)
      let best = shard.trending.topPosts(at: now, count: 2)
      #expect(best == Array(shard.trending.topPosts(at: now, count: 1_000).prefix(2)), context)
    }
    #expect(
      Set(tags.map { NaiveTown.TrendLine("tag:\($0.subject)", $0) })
        == Set(town.trends("tag:", at: moment)), context)
    #expect(
      Set(posts.map { NaiveTown.TrendLine("post:\($0.subject)", $0) })
        == Set(town.trends("post:", at: moment)), context)
  }
}

/// Follows a list to its end in pages of random sizes.
func pages<Candidate: PageCandidate>(
  _ random: inout SplitMix, fetch: (UInt64, Int) -> [Candidate],
  admits: (Candidate) -> Bool = { _ in true }
) async -> [Candidate] {
  var items: [Candidate] = []
  var before: UInt64? = .max
  while let key = before {
    let reader = PageReader(count: Int.random(in: 1...30, using: &random))
    let page = await reader.read(
      before: key,
      fetch: { before, limit in
        PageSlice(candidates: fetch(before, limit), limit: limit)
      },
      admits: { candidates in candidates.map(admits) })
    items += page.items
    before = page.next
  }
  return items
}

extension NaiveTown.InboxLine {
  init(_ entry: InboxEntry) {
    self.init(
      id: entry.id.raw, kind: "\(entry.kind)",
      object: entry.post?.raw ?? entry.chat?.raw
        ?? (entry.kind == .request ? entry.actors[0].raw : 0),
      actors: entry.actors, count: entry.count, isRead: entry.isRead)
  }
}

extension NaiveTown.TrendLine {
  init<Subject>(_ subject: String, _ item: TrendItem<Subject>) {
    self.init(subject: subject, now: Int(item.now), usual: item.usual)
  }
}
