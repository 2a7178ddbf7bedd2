import Wire

/// What a list can have shown between two positions.
struct Candidates {
  private(set) var refusals: [Reply] = []
  /// At each position, the items in order.
  private(set) var lists: [[Reply]] = []

  private let models: ArraySlice<NaiveModel>

  init(_ list: Call.List, by me: NaiveModel.Viewer, _ models: ArraySlice<NaiveModel>) {
    self.models = models
    for model in models {
      switch model.answer(.page(list), by: me, at: 0) {
      case .reply(let refusal): refusals.append(refusal.canonical)
      case .items(let items): lists.append(items.map(\.canonical))
      }
    }
  }

  /// What makes two items the same one.
  static func identity(_ item: Reply) -> String {
    if let text = item.textValue { return text }
    let name = item["id"] ?? item["text"] ?? item["author"]
    return (name?.textValue ?? "") + (item["shared_by"].map { " by \($0)" } ?? "")
  }

  /// Every item, with every value in it, held at some position; none comes twice.
  func check(_ items: [Reply], title: String, _ me: UInt64?) throws {
    if lists.isEmpty { throw Violation("\(title) was answered though it had to be refused") }
    var seen: Set<String> = []
    for item in items {
      let identity = Self.identity(item)
      guard seen.insert(identity).inserted else { throw Violation("\(title) shows \(item) twice") }
      var versions = lists.compactMap { $0.first { Self.identity($0) == identity } }
      if versions.isEmpty {
        throw Violation("\(title) by \(me ?? 0) shows what it never could: \(item)")
      }
      versions += lookedUp(item, by: me)
      guard case .map(let map) = item else { continue }
      for entry in map.entries where !versions.contains(where: { $0[entry.key] == entry.value }) {
        throw Violation(
          """
          \(title) by \(me ?? 0) shows '\(entry.key)' as \(entry.value) in \(item); \
          it was \(versions.compactMap { $0[entry.key] })
          """)
      }
    }
  }

  /// A post or a chat is looked up after its place in the list was found: perhaps when it had just
  /// lost it.
  private func lookedUp(_ item: Reply, by me: UInt64?) -> [Reply] {
    guard let id = item["id"]?.textValue.flatMap({ UInt64($0) }) else { return [] }
    if item["author_id"] != nil {
      return models.compactMap { model in
        model.posts[id].map { model.describe($0, me, at: 0).canonical }
      }
    }
    guard item["last_message"] != nil, let me else { return [] }
    return models.compactMap { model in
      model.chats[id].map { model.describe($0, me).canonical }
    }
  }

  /// What was in the list all the time is there, as far as the items reach.
  func checkNothingMissing(_ items: [Reply], isEnd: Bool, title: String) throws {
    guard refusals.isEmpty, let first = lists.first else { return }
    let shown = Set(items.map { Self.identity($0) })
    let last = items.last.map { Self.identity($0) }
    for item in first {
      let identity = Self.identity(item)
      if shown.contains(identity) { continue }
      let isAlwaysDue = lists.allSatisfy { list in
        guard let place = list.firstIndex(where: { Self.identity($0) == identity }) else {
          return false
        }
        if isEnd { return true }
        guard let end = list.firstIndex(where: { Self.identity($0) == last }) else { return false }
        return place < end
      }
      if isAlwaysDue { throw Violation("\(title) lacks \(item)") }
    }
  }
}
