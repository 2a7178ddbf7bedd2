/// About how many bytes of memory states take beyond themselves: to tell who shall leave memory.
///
/// Counts what is in collections; strings, and what is nested deeper than that, by nothing.
extension IDMap {
  var furtherBytes: Int { entries.capacity * MemoryLayout<Entry>.stride }
}

extension RandomAccessCollection where Self: RangeReplaceableCollection {
  /// Of an array.
  fileprivate var arrayBytes: Int { count * MemoryLayout<Element>.stride }
}

extension UserState {
  package var furtherBytes: Int {
    own.follows.bytesReserved + own.requests.bytesReserved + own.verdicts.furtherBytes
      + own.mutes.count * 8 + own.tokens.furtherBytes + own.inboxItemsRead.arrayBytes
      + own.media.furtherBytes + observed.requests.bytesReserved + observed.verdicts.furtherBytes
      + (own.extras.isStored ? MemoryLayout<UserExtras>.stride : 0)
  }
}

extension PostState {
  /// What a mark takes: its slot, and its share of an index.
  private static let markBytes = 32

  package var furtherBytes: Int {
    (own.likes.count + own.shares.count) * Self.markBytes + observed.replies.arrayBytes
      + (own.extras.isStored ? own.extras.value.furtherBytes : 0)
  }
}

extension PostExtras {
  fileprivate var furtherBytes: Int {
    MemoryLayout<Self>.stride + versions.arrayBytes
      + (reactions.count + votes.count + viewers.count) * MemoryLayout<UInt64>.stride * 5
  }
}

extension ChatState {
  package var furtherBytes: Int {
    titles.arrayBytes + members.arrayBytes + formers.furtherBytes + messages.arrayBytes
      + unsaid.furtherBytes + messages.count * MemoryLayout<UInt32>.stride
  }
}

extension TagState {
  /// What an account takes in a dictionary at its usual load.
  private static let accountBytes = 24

  package var furtherBytes: Int {
    observed.accounts.count * Self.accountBytes + observed.hours.arrayBytes
  }
}
