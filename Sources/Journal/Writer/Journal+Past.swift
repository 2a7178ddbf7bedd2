package import Domain

extension Journal {
  /// A journal as it was: read through a reader, ended where `stand(at:)` says, at first before the
  /// first event. It takes no entries and writes nothing; the reader must outlive it.
  package static func past(
    of reader: JournalReader, clock: any Clock, random: any RandomSource
  ) -> Journal {
    let log = CommittedLog(
      disk: reader.log.disk, keys: reader.log.keys, tail: nil, durable: .zero)
    return Journal(reading: log, clock: clock, random: random)
  }

  /// Lets a journal of the past go on to a later position, whose record was written at `time`.
  package func stand(at position: Position, written time: Instant) {
    precondition(isPast, "only a journal of the past stands where it is told to")
    precondition(position >= durable, "the past goes forward")
    var head = head
    head.position = position
    head.time = time
    stand(at: head)
  }
}

extension JournalReader {
  /// All whose text was erased with their keys, ascending; of a simulated disk none.
  package func erasedPeople() throws(JournalError) -> [UserID] {
    try (log.keys as? LMDBKeyReader)?.destroyed() ?? []
  }
}
