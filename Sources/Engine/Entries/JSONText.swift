/// JSON text taken apart without reading its values: numbers stay as they were written.
struct JSONText {
  private let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var raw: [UInt8] { Array(bytes) }

  var isObject: Bool { bytes.first == UInt8(ascii: "{") }
  var isArray: Bool { bytes.first == UInt8(ascii: "[") }

  /// The items of an array; nil for anything else, and for what is not well-formed.
  var items: [JSONText]? {
    guard isArray, let parts = parts else { return nil }
    return parts.map { JSONText($0) }
  }

  /// The members of an object, their names as written and without quotes.
  var members: [(name: String, value: JSONText)]? {
    guard isObject, let parts = parts else { return nil }
    var members: [(name: String, value: JSONText)] = []
    for part in parts {
      guard let end = Self.end(of: part), part[part.startIndex] == UInt8(ascii: "\""),
        end < part.endIndex, part[end] == UInt8(ascii: ":")
      else { return nil }
      let name = part[(part.startIndex + 1)..<(end - 1)]
      members.append((String(decoding: name, as: UTF8.self), JSONText(part[(end + 1)...])))
    }
    return members
  }

  subscript(name: String) -> JSONText? { members?.first { $0.name == name }?.value }

  /// The string without quotes, if it is one without escapes.
  var string: String? {
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), !bytes.contains(0x5C) else {
      return nil
    }
    return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
  }

  /// What lies between the commas of a container.
  private var parts: [ArraySlice<UInt8>]? {
    guard bytes.count >= 2, Self.end(of: bytes) == bytes.endIndex else { return nil }
    let inside = bytes.dropFirst().dropLast()
    var parts: [ArraySlice<UInt8>] = []
    var start = inside.startIndex
    var index = start
    var depth = 0
    while index < inside.endIndex {
      switch inside[index] {
      case UInt8(ascii: "\""):
        guard let end = Self.end(of: inside[index...]) else { return nil }
        index = end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        parts.append(inside[start..<index])
        start = index + 1
      default: break
      }
      index += 1
    }
    if start < inside.endIndex || !parts.isEmpty { parts.append(inside[start...]) }
    return parts.contains(where: \.isEmpty) ? nil : parts
  }

  /// Where the string or the container that begins here ends; nil if it does not.
  private static func end(of bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    var index = bytes.startIndex
    if first == UInt8(ascii: "\"") {
      index += 1
      while index < bytes.endIndex {
        if bytes[index] == 0x22 { return index + 1 }
        index += bytes[index] == 0x5C ? 2 : 1
      }
      return nil
    }
    var depth = 0
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        guard let end = end(of: bytes[index...]) else { return nil }
        index = end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}

extension JSONText {
  /// One thing by which two values differ.
  struct Difference: Equatable {
    /// `ring`, `people.stays`; empty for the whole.
    var path: String
    /// Nil where only the other has it.
    var first: String?
    var second: String?
  }

  /// By which parts two values differ: members by name, items of lists as such, wherever they
  /// stand. Where nothing but the order differs, the whole lists.
  static func differences(_ first: JSONText, _ second: JSONText, at path: String = "")
    -> [Difference]
  {
    if first.bytes == second.bytes { return [] }
    if let one = first.members, let other = second.members,
      one.map(\.name) == other.map(\.name)
    {
      return zip(one, other).flatMap { member, counterpart in
        differences(
          member.value, counterpart.value, at: path.isEmpty ? member.name : "\(path).\(member.name)"
        )
      }
    }
    if let one = first.items, let other = second.items {
      let found =
        missing(from: other, of: one).map { Difference(path: path, first: $0, second: nil) }
        + missing(from: one, of: other).map { Difference(path: path, first: nil, second: $0) }
      if !found.isEmpty { return found }
    }
    return [Difference(path: path, first: first.text, second: second.text)]
  }

  /// Items that the others have not, or not as often.
  private static func missing(from others: [JSONText], of items: [JSONText]) -> [String] {
    var left: [[UInt8]: Int] = [:]
    for item in others { left[item.raw, default: 0] += 1 }
    return items.compactMap { item in
      let count = left[item.raw, default: 0]
      guard count > 0 else { return item.text }
      left[item.raw] = count - 1
      return nil
    }
  }
}
