import Glibc

@testable import Journal

/// What fuzzing has left in the repository: see docs/fuzzing.md.
enum KeptInputs {
  private static let directory = #filePath.split(separator: "/").dropLast(2)
    .reduce("") { $0 + "/" + $1 }

  /// A target's corpus: base64, a line each.
  static func corpus(_ target: String) throws -> [[UInt8]] {
    try lines("Corpus/\(target).base64").compactMap { Base64.decode($0) }
  }

  /// Inputs that once found a bug: target, name and base64 in each line.
  static func regressions() throws -> [(target: String, name: String, input: [UInt8])] {
    try lines("Regressions.txt").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let input = Base64.decode(words[2]) else { return nil }
      return (String(words[0]), String(words[1]), input)
    }
  }

  static func lines(_ name: String) throws -> [Substring] {
    let file = try File("\(directory)/\(name)", O_RDONLY)
    let content = try file.read(at: 0, count: Int(try file.status().length))
    return String(decoding: content, as: UTF8.self).split(separator: "\n")
  }
}
