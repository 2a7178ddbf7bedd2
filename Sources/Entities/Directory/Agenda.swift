package import Domain
private import Synchronization

/// What the engine does by itself when its time comes: publish scheduled posts, close polls.
///
/// Follows the committed events: what is done or given up leaves the agenda by its event, so that
/// what a crash or a full queue prevents is due again. The commands are idempotent.
package final class Agenda: Sendable {
  package enum Task: UInt8, Hashable, Sendable, CaseIterable {
    case release
    case closePoll
  }

  package struct Item: Hashable, Sendable {
    package var due: Instant
    package var post: PostID
    package var task: Task

    package init(due: Instant, post: PostID, task: Task) {
      self.due = due
      self.post = post
      self.task = task
    }
  }

  private struct Items: Sendable {
    private struct Key: Hashable {
      var post: PostID
      var task: Task
    }

    private var dues: [Key: Instant] = [:]
    /// A heap, earliest on top. What was postponed or dropped leaves its old item behind, to be
    /// passed over when it comes up.
    private var heap: [Item] = []

    var count: Int { dues.count }
    var all: [Item] {
      dues.map { Item(due: $0.value, post: $0.key.post, task: $0.key.task) }
    }

    mutating func set(_ post: PostID, _ task: Task, _ due: Instant?) {
      let key = Key(post: post, task: task)
      guard dues[key] != due else { return }
      dues[key] = due
      guard let due else { return }
      heap.append(Item(due: due, post: post, task: task))
      rise(from: heap.count - 1)
    }

    /// Takes the earliest item that is due off the heap.
    mutating func popDue(_ now: Instant) -> Item? {
      while let top = heap.first, top.due <= now {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        sink()
        if dues[Key(post: top.post, task: top.task)] == top.due { return top }
      }
      return nil
    }

    mutating func putBack(_ items: [Item]) {
      for item in items {
        heap.append(item)
        rise(from: heap.count - 1)
      }
    }

    private static func comesBefore(_ one: Item, _ other: Item) -> Bool {
      if one.due != other.due { return one.due < other.due }
      if one.post != other.post { return one.post < other.post }
      return one.task.rawValue < other.task.rawValue
    }

    private mutating func rise(from index: Int) {
      var index = index
      while index > 0, Self.comesBefore(heap[index], heap[(index - 1) / 2]) {
        heap.swapAt(index, (index - 1) / 2)
        index = (index - 1) / 2
      }
    }

    private mutating func sink() {
      var index = 0
      while true {
        var first = index
        for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
          if Self.comesBefore(heap[child], heap[first]) { first = child }
        }
        if first == index { return }
        heap.swapAt(index, first)
        index = first
      }
    }
  }

  private let items = Mutex(Items())

  package init() {}

  package var count: Int { items.withLock { $0.count } }

  /// All, in no order.
  package var all: [Item] { items.withLock { $0.all } }

  /// Takes in an item from a snapshot.
  package func adopt(_ item: Item) {
    items.withLock { $0.set(item.post, item.task, item.due) }
  }

  /// At most `max` items that are due, earliest first; they stay on the agenda. O(max · log n).
  package func due(at now: Instant, max: Int) -> [Item] {
    items.withLock { items in
      var due: [Item] = []
      // What was postponed and put back to where it was is in the heap twice, side by side.
      while due.count < max, let item = items.popDue(now) {
        if item != due.last { due.append(item) }
      }
      items.putBack(due)
      return due
    }
  }

  /// Takes in a post from a snapshot.
  package func adopt(_ post: PostState) {
    if let scheduled = post.own.extras.value.scheduled {
      items.withLock { $0.set(post.id, .release, scheduled) }
    }
    if let closes = post.pollCloses, !post.own.extras.value.isPollClosed {
      items.withLock { $0.set(post.id, .closePoll, closes) }
    }
  }

  /// Follows a committed event.
  package func fold(_ record: Record) {
    guard case .post(let event) = record.event, case .post(let post) = record.entity else { return }
    switch event {
    case .drafted(_, let scheduled), .redrafted(_, let scheduled):
      items.withLock { $0.set(post, .release, scheduled) }
    case .published(let facts), .released(let facts):
      let closes = facts.poll?.secondsOpen.map { record.time.adding(ms: $0 * 1_000) }
      items.withLock { items in
        items.set(post, .release, nil)
        items.set(post, .closePoll, closes)
      }
    case .discarded:
      items.withLock { $0.set(post, .release, nil) }
    case .pollClosed, .deleted:
      items.withLock { $0.set(post, .closePoll, nil) }
    case .edited, .liked, .unliked, .shared, .unshared, .reacted, .unreacted, .voted, .viewed,
      .moderated:
      break
    }
  }
}
