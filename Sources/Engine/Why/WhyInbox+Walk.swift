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
      case refused(InboxRefusal)
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
      guard concerns(record) else { return try models.fold(selected: record) }
      let touched = self.touched(by: record)
      if person != nil { learn(touched) }
      let before = entries(about: touched)
      // As the projection asks: before the event, but of a following or a mute itself.
      let refusal = self.refusal(of: record)
      try models.fold(selected: record)
      let after = entries(about: touched)
      if let effect = effect(before, after, record, refusal) { effects.append((record, effect)) }
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
          record.actor == other || Self.post(record).map { known.contains($0) } ?? false
        }
      case .chat: person.map { record.actor == $0 || record.actor == owner } ?? false
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

    private func refusal(of record: Record) -> InboxRefusal? {
      switch record.event {
      case .post(.published(let facts)), .post(.released(let facts)), .post(.edited(let facts, _)):
        if facts.author == owner { return .ownAct }
        return models.inboxRefusal(of: facts, for: owner)
          ?? models.inboxRefusal(of: facts.author, for: owner)
      case .post(.liked), .post(.shared), .post(.reacted), .chat(.opened), .chat(.added),
        .user(.followed), .user(.followRequested):
        if record.actor == owner { return .ownAct }
        return models.inboxRefusal(of: record.actor, for: owner)
      case .post, .user, .chat, .tag: return nil
      }
    }

    private mutating func effect(
      _ before: [InboxEntry], _ after: [InboxEntry], _ record: Record, _ refusal: InboxRefusal?
    ) -> Effect? {
      let (old, new) = (before.reduce(0) { $0 + $1.count }, after.reduce(0) { $0 + $1.count })
      if new > old || after.contains(where: { one in !before.contains { $0.id == one.id } }) {
        let isNew = after.contains { $0.newestCause == record.position }
        return isNew ? .told : .again
      }
      if new < old { return .withdrawn }
      if before.contains(where: { !$0.isRead }), after.allSatisfy(\.isRead) { return .read }
      if let refusal { return .refused(refusal) }
      // What is no subject's own is passed over.
      switch record.event {
      case .user(.inboxRead), .user(.inboxItemRead), .user(.blocked): return nil
      case .user, .post, .chat, .tag: return .silent
      }
    }
  }
}
