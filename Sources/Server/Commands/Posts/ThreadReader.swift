import Domain
import Entities
import Projections
import Wire

/// THREAD: the ancestors from the root down, the post, then its descendants depth first, oldest
/// answer first. What the viewer may not see is left out; what answers it is shown nevertheless, as
/// far as the viewer may see that. What was erased with its author keeps its place, without what it
/// said.
func showThread(
  _ invocation: inout Invocation, _ arguments: Arguments
) async throws -> Response {
  let service = invocation.service
  let viewer = invocation.identity?.user
  let post = try await service.shownPost(PostID(arguments.id() ?? 0), viewer: viewer)
  let request = try PageRequest(arguments, of: .thread(post.id))
  var walk = await ThreadWalk(service: service, viewer: viewer, from: post)
  if request.before != .max { try await walk.goOn(after: PostID(request.before)) }
  let page = await walk.page(count: request.count)
  var posts = page.items.map(\.post)
  let marked = await service.markBookmarks(of: viewer, in: &posts)
  let written = try request.written(
    posts.map(\.id.raw), next: page.next?.raw, in: invocation.dialect
  ) { index, stream in
    let tail = PostTail.depth(page.items[index].depth)
    try service.write(posts[index], viewer: viewer, adding: tail, into: &stream)
  }
  return Response(written: written, after: max(post.position, walk.position, marked))
}

extension Eyes {
  /// What stands in a thread for a post: the post, its place if it was erased with its author and
  /// the viewer could have seen it, or nothing.
  fileprivate func inThread(_ post: PostReading) -> PostReading? {
    switch sight(of: post) {
    case .seen: post
    case .gone: status(of: post) == .erased ? post.erased : nil
    case .hidden: nil
    }
  }
}

extension PostReading {
  /// Without what its author said: what others did with it stays.
  fileprivate var erased: PostReading {
    var post = self
    post.status = .erased
    post.facts.tags = []
    post.facts.mentions = []
    post.facts.media = []
    post.facts.poll = nil
    post.facts.hasLink = false
    post.poll = nil
    return post
  }
}

/// One post of a thread.
struct ThreadItem {
  var post: PostReading
  /// 0 for the post asked for; below that for what it answers.
  var depth: Int
}

/// A place in a thread, and the way on from there.
///
/// A page costs what it looks at, and at its start the way down to the last post of the page
/// before: not the whole thread.
struct ThreadWalk {
  /// Ancestors, and levels of answers, that are followed.
  static let depthMax = 1_000
  /// Posts looked at for one page; past that it is short.
  static let postsScannedMax = 4_096

  /// A post whose answers are being visited.
  private struct Frame {
    var answers: ContiguousArray<PostID>
    var next = 0
    /// Of the answers.
    var depth: Int
  }

  /// Of everything looked at: what is left out may be gone by an event that is not durable yet.
  private(set) var position = Position.zero
  private let service: Service
  private let viewer: UserID?
  private let post: PostID
  /// What comes before the answers: ancestors from the root down, then the post.
  private var head: [PostID]
  private var headNext = 0
  private var stack: [Frame] = []

  init(service: Service, viewer: UserID?, from post: PostReading) async {
    self.service = service
    self.viewer = viewer
    self.post = post.id
    var line = [post.id]
    var next = post.facts.reply?.parent
    while let id = next, line.count <= Self.depthMax {
      guard let ancestor = await service.readPost(id, viewer: nil) else { break }
      line.append(id)
      next = ancestor.facts.reply?.parent
    }
    head = line.reversed()
  }

  /// Stands behind a post that a page before ended with. Throws INVALID if it is none of the
  /// thread.
  mutating func goOn(after last: PostID) async throws {
    if let index = head.firstIndex(of: last) {
      headNext = index + 1
      if last == post { await descend(below: post, depth: 1) }
      return
    }
    headNext = head.count
    var line = [last]
    while let id = line.last, id != post {
      guard line.count <= Self.depthMax + 1,
        let parent = await service.readPost(id, viewer: nil)?.facts.reply?.parent
      else { throw Rejection(.invalid, "this cursor does not belong to this list") }
      line.append(parent)
    }
    line.reverse()
    for (depth, id) in line.enumerated() {
      await descend(below: id, depth: depth + 1)
      guard depth + 1 < line.count, let index = stack.last?.answers.firstIndex(of: line[depth + 1])
      else { continue }
      stack[stack.count - 1].next = index + 1
    }
  }

  /// The visible ones among the next posts, and behind which one the thread goes on, if it does.
  mutating func page(count: Int) async -> (items: [ThreadItem], next: PostID?) {
    var items: [ThreadItem] = []
    var scanned = 0
    var last: PostID?
    while scanned < Self.postsScannedMax {
      // One more than is missing: so the end is known with the last page.
      var found: [ThreadItem] = []
      let wanted = min(count + 1 - items.count, Self.postsScannedMax - scanned)
      while found.count < wanted, let item = await next() { found.append(item) }
      if found.isEmpty { return (items, nil) }
      scanned += found.count
      let eyes = await service.eyes(
        of: viewer, on: found.map(\.post.facts.author), since: position)
      for item in found {
        if let post = eyes.inThread(item.post) {
          // Not what lies hidden in between: a cursor must not name it.
          if items.count == count { return (items, items.last?.post.id) }
          items.append(ThreadItem(post: post, depth: item.depth))
        }
        last = item.post.id
      }
    }
    return (items, last)
  }

  private mutating func next() async -> ThreadItem? {
    while headNext < head.count {
      let id = head[headNext]
      let depth = headNext - (head.count - 1)
      headNext += 1
      if id == post { await descend(below: post, depth: 1) }
      if let reading = await service.readPost(id, viewer: viewer) {
        position = max(position, reading.position)
        return ThreadItem(post: reading, depth: depth)
      }
    }
    while let frame = stack.last {
      guard frame.next < frame.answers.count else {
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let id = frame.answers[frame.next]
      if frame.depth < Self.depthMax { await descend(below: id, depth: frame.depth + 1) }
      if let reading = await service.readPost(id, viewer: viewer) {
        position = max(position, reading.position)
        return ThreadItem(post: reading, depth: frame.depth)
      }
    }
    return nil
  }

  private mutating func descend(below id: PostID, depth: Int) async {
    guard let entity = try? service.post(id) else { return }
    let answers = await entity.read { $0.observed.replies }.value
    // In `goOn` an empty frame keeps the depths in step; `next` drops it.
    stack.append(Frame(answers: answers, depth: depth))
  }
}
