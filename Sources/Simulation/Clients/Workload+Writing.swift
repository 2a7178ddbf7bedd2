import Domain

extension Workload {
  // MARK: Posts

  mutating func draft(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> PostDraft {
    var draft = PostDraft(text: text(&random))
    draft.visibility = random.chance(70) ? .public : random.pick(Visibility.allCases)
    if random.chance(40) { draft.reply = Self.post(model, &random) }
    draft.isReplyCommand = draft.reply != nil && random.chance(50)
    if random.chance(15) { draft.quote = Self.post(model, &random) }
    let name = draft.isReplyCommand ? "REPLY" : "POST"
    func has(_ option: String, _ percent: Int) -> Bool {
      vocabulary.has(name, option) && random.chance(percent)
    }
    if has("WARNING", 8) { draft.warning = "about \(random.below(50))" }
    if has("LINK", 8) { draft.link = "https://example.org/\(random.below(50))" }
    if has("MEDIA", 15) {
      let own = model.people[me]?.media.suffix(3).map(\.id) ?? []
      draft.media = own.isEmpty ? [] : NaiveModel.once([own[0], random.pick(own)])
    }
    if has("POLL", 12) {
      draft.poll = NaiveModel.Poll(
        options: ["one", "two", "three"].prefix(random.between(2, 3)).map { $0 },
        isMultiple: random.chance(40),
        seconds: usesClock && random.chance(50) ? Int64(random.between(60, 7_200)) : nil)
    }
    if usesClock, has("STORY", 8) { draft.isStory = true }
    if has("DRAFT", 8) {
      draft.isDraft = true
    } else if usesClock, has("AT", 4) {
      draft.at = now + Int64(random.between(1_000, 5_000_000))
    }
    return draft
  }

  mutating func acting(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> PostCall {
    let post = Self.post(model, &random)
    if random.chance(deletionsPercent) { return .act(.delete, own(model, me, &random)) }
    switch random.below(100) {
    case ..<45: return .act(random.pick([.like, .like, .unlike, .share, .share, .unshare]), post)
    case ..<55: return .react(post, random.pick(Self.emojis))
    case ..<58: return .act(.unreact, post)
    case ..<66:
      let polls = model.postOrder.suffix(60).filter { model.posts[$0]?.facts.poll != nil }
      let poll = polls.isEmpty || random.chance(5) ? post : random.pick(polls)
      let isMultiple = model.posts[poll]?.facts.poll?.isMultiple ?? false
      let options = isMultiple && random.chance(50) ? [2, 0] : [random.below(3)]
      return .vote(poll, options)
    case ..<72: return .view(NaiveModel.once([post, Self.post(model, &random)]))
    case ..<78: return .act(.bookmark, post)
    case ..<80: return .act(.unbookmark, post)
    case ..<83: return .act(.pin, own(model, me, &random))
    case ..<85: return .act(.unpin, own(model, me, &random))
    case ..<90: return .act(.publish, draft(of: model, me, &random))
    default:
      let edited = random.chance(25) ? draft(of: model, me, &random) : own(model, me, &random)
      return .edit(
        edited, text(&random), warning: random.chance(15) ? "edited warning" : nil,
        link: random.chance(15) ? "https://example.org/edited" : nil)
    }
  }

  /// Mostly one of the person's own.
  private func own(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> UInt64 {
    let mine = model.postOrder.suffix(400).filter { model.posts[$0]?.author == me }
    return mine.isEmpty || random.chance(10) ? Self.post(model, &random) : random.pick(mine)
  }

  private func draft(
    of model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> UInt64 {
    let mine = model.postOrder.filter {
      model.posts[$0]?.author == me && model.posts[$0]?.stage == .draft
    }
    return mine.isEmpty ? own(model, me, &random) : random.pick(mine)
  }

  // MARK: Chats

  mutating func chat(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> ChatCall {
    let chat = Self.chat(model, me, &random)
    let messages = model.chats[chat]?.messages ?? []
    switch random.below(100) {
    case ..<14:
      let members = (0..<random.between(1, 3)).map { _ in random.pick(names) }
      return .open(members, title: random.chance(50) ? "a title" : nil)
    case ..<32: return .message(random.pick(names), text(&random))
    case ..<36: return .leave(chat)
    case ..<44: return .add(chat, random.pick(names))
    case ..<47: return .remove(chat, member(of: model, chat, &random))
    case ..<52:
      return .role(chat, member(of: model, chat, &random), isAdmin: random.chance(60))
    case ..<54:
      return .title(chat, random.chance(70) ? "title \(random.below(100))" : nil)
    case ..<58:
      return messages.isEmpty ? .leave(79) : .unsay(chat, random.pick(messages).id)
    case ..<72:
      return messages.isEmpty ? .leave(79) : .read(chat, random.pick(messages).id)
    default:
      let own = model.people[me]?.media.suffix(2).map(\.id) ?? []
      let media = vocabulary.has("SAY", "MEDIA") && random.chance(10) ? own : []
      let reply = messages.isEmpty || random.chance(80) ? nil : random.pick(messages).id
      return .say(chat, text(&random), reply: reply, media: media)
    }
  }

  private func member(
    of model: NaiveModel, _ chat: UInt64, _ random: inout SeededGenerator
  ) -> String {
    let members = model.chats[chat]?.members ?? []
    let names = members.compactMap { model.people[$0]?.name }
    return names.isEmpty || random.chance(10) ? random.pick(self.names) : random.pick(names)
  }

  // MARK: What somebody keeps

  func keeping(
    _ model: NaiveModel, _ me: NaiveModel.Viewer, _ random: inout SeededGenerator
  ) -> OwnCall {
    let person = me.id.flatMap { model.people[$0] }
    let lists = person?.lists.map(\.id) ?? []
    let list = lists.isEmpty || random.chance(5) ? 81 : random.pick(lists)
    switch random.below(100) {
    case ..<20:
      return .addMedia(
        random.pick(MediaKind.allCases), "https://example.org/\(random.below(1_000)).jpg",
        alt: random.chance(40) ? "what it shows" : nil)
    case ..<38: return .followTag(random.pick(Self.tags), random.chance(70))
    case ..<48: return .makeList("list \(random.below(100))")
    case ..<78: return .changeList(list, random.pick(names), adding: random.chance(75))
    case ..<81: return .dropList(list)
    case ..<88:
      let scopes: [Scope] = random.chance(80) ? [.read, .write] : Scope.allCases
      return .newToken(
        random.pick(scopes), label: random.chance(50) ? "a label" : nil,
        seconds: usesClock && random.chance(30) ? Int64(random.between(60, 100_000)) : nil)
    case ..<92:
      let tokens = person?.tokens.map(\.id) ?? []
      return .revokeToken(tokens.isEmpty || random.chance(10) ? 82 : random.pick(tokens))
    case ..<96 where usesClock: return credentials(model, me.id ?? 0, &random)
    default: return .followTag(random.pick(Self.tags), false)
    }
  }

  /// A new password or the end of the account; now and then with a wrong password.
  private func credentials(
    _ model: NaiveModel, _ me: UInt64, _ random: inout SeededGenerator
  ) -> OwnCall {
    let known = model.passwords[me] ?? ""
    let old = random.chance(20) ? "some other password" : known
    return random.chance(60)
      ? .password(old: old, new: "password \(random.below(1_000_000))") : .erase(password: old)
  }

  func moderation(_ model: NaiveModel, _ random: inout SeededGenerator) -> Call {
    switch random.below(100) {
    case ..<50:
      return .moderate(
        .moderate(
          Self.post(model, &random), random.pick([.review, .remove, .restore, .restore]),
          reason: random.chance(40) ? "a reason" : nil))
    case ..<65: return .moderate(.review(random.pick(Self.tags), isAllowed: random.chance(60)))
    case ..<80: return .moderate(.verify(random.pick(names), random.chance(60)))
    default:
      let open = model.reports.filter { !$0.isClosed }.map(\.id)
      return .moderate(.closeReport(open.isEmpty ? 83 : random.pick(open)))
    }
  }
}
