package import Journal

/// The lines of a text file, one by one, compressed or not.
package struct LineReader {
  /// In bytes; a longer line is an error, unless the reader was made for longer ones.
  package static let lineMax = 65_536
  private static let pieceBytes = 262_144

  private let file: TextFile
  private let lineMax: Int
  private var piece: [UInt8] = []
  private var index = 0
  private var isAtEnd = false
  /// Of the line that `next` gave last; from 1.
  package private(set) var number = 0

  package init(path: String, lineMax: Int = lineMax) throws(JournalError) {
    file = try TextFile(path: path)
    self.lineMax = lineMax
  }

  package var path: String { file.path }
  /// Bytes of the file itself read so far, and its size.
  package var progress: (done: UInt64, total: UInt64) { (min(file.offset, file.size), file.size) }

  /// The next line without its end; nil after the last. A carriage return at the end is dropped.
  package mutating func next() throws -> ArraySlice<UInt8>? {
    while true {
      if let end = piece[index...].firstIndex(of: 0x0A) {
        let line = piece[index..<end]
        index = end + 1
        return try finish(line)
      }
      if isAtEnd {
        guard index < piece.count else { return nil }
        let line = piece[index...]
        index = piece.count
        return try finish(line)
      }
      guard piece.count - index <= lineMax else { throw tooLong() }
      piece.removeFirst(index)
      index = 0
      let more = try file.read(count: Self.pieceBytes)
      isAtEnd = more.isEmpty
      piece.append(contentsOf: more)
    }
  }

  /// An error about the line that `next` gave last.
  package func error(_ problem: String) -> ImportError {
    .badLine(path: path, number: number, problem)
  }

  private func tooLong() -> ImportError {
    .badLine(path: path, number: number + 1, "it is longer than \(lineMax) bytes")
  }

  private mutating func finish(_ line: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard line.count <= lineMax else { throw tooLong() }
    number += 1
    return line.last == 0x0D ? line.dropLast() : line
  }
}
