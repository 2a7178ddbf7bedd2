internal import Domain
internal import Journal
internal import Projections

extension WhyInbox {
  /// Folds the events of an inbox one by one and notes what each did to what is asked about.
  struct Walk {
    enum Effect: Equatable {
      case told
      /// A cause that was taken back came again.
      case again
      case withdrawn
      case read
      /// With the mute or the block that refused it, if one did.
      case refused(InboxRefusal, by: Position?)
      /// It is about the subject, and is nothing that an inbox tells.
      case silent
    }

    let owner: UserID
    let subject: Subject
    private(set) var models = ReadModels(
      shard: .first, of: 1, limits: PastView.limits)
    private(set) var effects: [(record: Record, effect: Effect)] = []
    /// What there may be an item about.
    private var subjects: [InboxSubject] = []
    private var known: Set<InboxSubject> = []
    /// The owner's newest mute and block of each person.
    private var mutes: [UserID: Position] = [:]
    private var blocks: [UserID: Position] = [:]

    init(owner: UserID, subject: Subject) {
      self.owner = owner
      self.subject = subject
      switch subject {
      case .post(let id): learn(InboxSubject.all(about: id))
      case .person(let id): learn([.follows, .request(by: id)])
      }
    }

    private mutating func learn(_ new: [InboxSubject]) {
      for subject in new where known.insert(subject).inserted { subjects.append(subject) }
    }

    private var person: UserID? { if case .person(let id) = subject { id } else { nil } }

    /// The event that decided that nothing is there.
    var decisive: (record: Record, effect: Effect)? {
      let last = effects.last { $0.effect != .read && $0.effect != .silent }
      // To block or mute somebody who did nothing decides nothing.
      return last ?? (person == nil ? effects.last { $0.effect == .silent } : nil)
    }

    /// Whose deed an event is to those whom it tells: what was scheduled is its author's.
    static func doer(of record: Record) -> UserID {
      if case .post(.released(let facts)) = record.event { facts.author } else { record.actor }
    }

    /// The items about the subject that are in the inbox now.
    func entries() -> [InboxEntry] { entries(about: subjects) }

    private func entries(about subjects: [InboxSubject]) -> [InboxEntry] {
      var entries: [InboxEntry] = []
      for subject in subjects {
        let entry = models.inboxEntry(about: subject, of: owner, by: person)
        if let entry, !entries.contains(where: { $0.id == entry.id && $0.kind == entry.kind }) {
          entries.append(entry)
        }
      }
      return entries
    }

    mutating func fold(_ record: Record) throws {
      note(record)
      guard concerns(record) else { return try models.fold(selected: record) }
      let touched = self.touched(by: record)
      if person != nil { learn(touched) }
      let before = entries(about: touched)
      // As the projection asks: before the event, but of a following or a mute itself.
      let refusal = self.refusal(of: record)
      try models.fold(selected: record)
      let after = entries(about: touched)
      let effect = effect(before, after, record, refusal)
      if let effect, belongs(effect, record) { effects.append((record, effect)) }
    }

    private mutating func note(_ record: Record) {
      guard record.actor == owner, case .user(let event) = record.event else { return }
      if case .muted(let other) = event { mutes[other] = record.position }
      if case .blocked(let other) = event { blocks[other] = record.position }
    }

    /// Whether the event is among those that explain: of a person's items what they did, what took
    /// it back, and how the owner silenced them.
    private func belongs(_ effect: Effect, _ record: Record) -> Bool {
      guard let person else { return true }
      return switch effect {
      case .told, .again, .withdrawn: true
      case .read: record.actor == owner
      case .refused: Self.doer(of: record) == person
      case .silent:
        record.actor == owner
          && [.userMuted, .userUnmuted, .userBlocked, .userUnblocked]
            .contains(EventType(record.event))
      }
    }

    /// Whether it may change what is in the inbox about the subject.
    private func concerns(_ record: Record) -> Bool {
      switch record.event {
      case .user(.inboxRead), .user(.inboxItemRead): record.actor == owner
      case .user(let event):
        person.map { other in
          event.other != nil && Set([record.actor, event.other ?? other]) == Set([owner, other])
        } ?? { if case .blocked = event { record.actor == owner } else { false } }()
      case .post:
        switch subject {
        case .post(let id): record.entity == .post(id)
        case .person(let other):
          Self.doer(of: record) == other || Self.post(record).map { known.contains($0) } ?? false
        }
      case .chat:
        person.map { other in
          record.actor == other || touched(by: record).contains { known.contains($0) }
        } ?? false
      case .tag: false
      }
    }

    private static func post(_ record: Record) -> InboxSubject? {
      if case .post(let id) = record.entity { InboxSubject.all(about: id).first } else { nil }
    }

    /// The subjects whose items the event may change.
    private func touched(by record: Record) -> [InboxSubject] {
      switch record.entity {
      case .post(let id): InboxSubject.all(about: id)
      case .chat(let id): [.invitation(into: id)]
      case .user:
        if case .user(.inboxRead) = record.event {
          subjects
        } else if case .user(.inboxItemRead) = record.event {
          subjects
        } else if case .user(.blocked) = record.event {
          subjects
        } else {
          person.map { [.follows, .request(by: $0)] } ?? []
        }
      case .tag: []
      }
    }

    /// Why the owner is not told of what would tell them something.
    private func refusal(of record: Record) -> InboxRefusal? {
      let doer = Self.doer(of: record)
      var facts: PostFacts?
      let isAddressed: Bool
      switch record.event {
      case .post(.published(let post)), .post(.released(let post)):
        facts = post
        isAddressed =
          post.reply?.parentAuthor == owner || post.quote?.author == owner
          || post.mentions.contains(owner)
      case .post(.edited(let post, let revision)):
        facts = post
        isAddressed = revision.addedMentions.contains(owner)
      case .post(.liked(let author)), .post(.shared(_, let author)), .post(.reacted(_, let author)):
        isAddressed = author == owner
      case .chat(.opened(isDirect: false, let members)), .chat(.added(let members)):
        isAddressed = members.contains(owner)
      case .user(.followed(let other)), .user(.followRequested(let other)):
        isAddressed = other == owner
      case .post, .user, .chat, .tag: return nil
      }
      if doer == owner { return .ownAct }
      guard isAddressed else { return nil }
      let unwanted = models.inboxRefusal(of: doer, for: owner)
      // A block hides posts too: the block itself is the plainer reason.
      if unwanted == .blocked { return unwanted }
      return facts.flatMap { models.inboxRefusal(of: $0, for: owner) } ?? unwanted
    }

    private func cause(of refusal: InboxRefusal, _ record: Record) -> Position? {
      switch refusal {
      case .blocked: blocks[Self.doer(of: record)]
      case .muted: mutes[Self.doer(of: record)]
      case .ownAct, .unseen: nil
      }
    }

    /// Of a person's items each counts once: what others add to it is not their doing.
    private func count(_ entries: [InboxEntry]) -> Int {
      person == nil ? entries.reduce(0) { $0 + $1.count } : entries.count
    }

    private mutating func effect(
      _ before: [InboxEntry], _ after: [InboxEntry], _ record: Record, _ refusal: InboxRefusal?
    ) -> Effect? {
      let (old, new) = (count(before), count(after))
      if new > old || after.contains(where: { one in !before.contains { $0.id == one.id } }) {
        let isNew = after.contains { $0.newestCause == record.position }
        return isNew ? .told : .again
      }
      if new < old { return .withdrawn }
      if before.contains(where: { !$0.isRead }), after.allSatisfy(\.isRead) { return .read }
      if let refusal { return .refused(refusal, by: cause(of: refusal, record)) }
      // What is no subject's own is passed over.
      switch record.event {
      case .user(.inboxRead), .user(.inboxItemRead): return nil
      case .user(.blocked) where person == nil: return nil
      case .user, .post, .chat, .tag: return .silent
      }
    }
  }
}
