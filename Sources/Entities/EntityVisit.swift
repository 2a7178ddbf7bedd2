package import Domain

extension EntityActor {
  /// As `read`, in place, for a caller that runs on this entity's executor: a page looks at many
  /// posts of a shard, which share one. False, with nothing done, for any other caller.
  ///
  /// `body` gets the state and the position that it depends on; it changes nothing. What it finds
  /// it puts where the caller wants it: a result would go through unspecialised code, which costs
  /// more than the look itself.
  nonisolated func visit(
    on executor: any SerialExecutor, _ body: (inout State, Position) -> Void
  ) -> Bool {
    guard executor === self.executor else { return false }
    withoutActuallyEscaping(body) { body in
      // Checked below: caller and entity are on one executor, and `body` has run when this returns.
      // So it crosses no border between threads, though the compiler sees two isolations.
      nonisolated(unsafe) let body = body
      assumeIsolated { unsafe $0.show(to: body) }
    }
    return true
  }
}

extension Directory {
  /// Reads a post in place, for a caller that runs on `executor`. False, with nothing done, where
  /// that is not the post's, and where the post is not in memory: then `posts` and `read` are the
  /// way.
  package func visit(
    _ id: PostID, on executor: any SerialExecutor, _ body: (inout PostState, Position) -> Void
  ) -> Bool {
    posts[id]?.visit(on: executor, body) ?? false
  }
}
