import Domain
import Engine
import Entities
import Journal
import Testing

/// RFC 4180, read by the letter.
private func rows(_ bytes: [UInt8]) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var field: [UInt8] = []
  var isQuoted = false
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    index += 1
    switch (byte, isQuoted) {
    case (0x22, true):
      if index < bytes.count, bytes[index] == 0x22 {
        field.append(0x22)
        index += 1
      } else {
        isQuoted = false
      }
    case (0x22, false): isQuoted = true
    case (0x2C, false):
      row.append(String(decoding: field, as: UTF8.self))
      field = []
    case (0x0D, false):
      #expect(bytes[index] == 0x0A)
      index += 1
      row.append(String(decoding: field, as: UTF8.self))
      rows.append(row)
      (row, field) = ([], [])
    default: field.append(byte)
    }
  }
  #expect(row.isEmpty && field.isEmpty && !isQuoted)
  return rows
}

struct TableExportTests {
  private func tables(
    _ directory: TemporaryDirectory, isPrivate: Bool, only: [ExportTable]? = nil,
    _ limit: Refold.Limit = .end
  ) throws -> [ExportTable: [[String: String]]] {
    var options = Export.Options(format: .csv)
    options.isPrivate = isPrivate
    options.tables = only
    options.limit = limit
    let path = directory.file("tables-\(isPrivate)-\(only?.count ?? 0)")
    let report = try Export.run(
      try JournalReader(directory: directory.file("data")), to: path, options)
    var tables: [ExportTable: [[String: String]]] = [:]
    for (table, file) in zip(only ?? ExportTable.all(isPrivate: isPrivate), report.files) {
      let lines = rows(readFile(path + "/" + file.name))
      #expect(lines.first == table.columns)
      #expect(UInt64(lines.count - 1) == file.rows)
      tables[table] = lines.dropFirst().map { row in
        Dictionary(uniqueKeysWithValues: zip(table.columns, row))
      }
    }
    return tables
  }

  @Test func `the tables agree with each other and with the states`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.file("data"))
    var people = Townspeople(town, seed: 21)
    await people.live(600)
    await town.settle()
    await town.close()
    let tables = try tables(directory, isPrivate: true)
    #expect(tables.count == ExportTable.allCases.count)
    let users = try #require(tables[.users])
    let posts = try #require(tables[.posts])
    let follows = try #require(tables[.follows])
    #expect(users.count > 10 && posts.count > 30 && follows.count > 5)
    for user in users {
      let id = user["id"]
      #expect(user["followers"] == "\(follows.count { $0["followed_id"] == id })")
      #expect(user["following"] == "\(follows.count { $0["follower_id"] == id })")
      let isErased = user["erased"] == "true"
      #expect(user["username"]?.isEmpty == isErased)
      if isErased { #expect(user["name"] == "" && user["bio"] == "") }
    }
    #expect(users.contains { $0["erased"] == "true" })
    #expect(follows.allSatisfy { $0["followed_at"]?.hasSuffix("Z") == true })
    for (table, column) in [
      (ExportTable.likes, "likes"), (.shares, "shares"), (.reactions, "reactions"),
    ] {
      let marks = try #require(tables[table])
      #expect(!marks.isEmpty)
      for post in posts {
        #expect(post[column] == "\(marks.count { $0["post_id"] == post["id"] })", "\(table)")
      }
    }
    let chats = try #require(tables[.chats])
    let messages = try #require(tables[.messages])
    let members = try #require(tables[.members])
    for chat in chats {
      #expect(chat["messages"] == "\(messages.count { $0["chat_id"] == chat["id"] })")
      let present = members.filter { $0["chat_id"] == chat["id"] && $0["left_at"] == "" }
      #expect(chat["members"] == "\(present.count)")
    }
    #expect(
      messages.allSatisfy { ($0["text"] == "") == ($0["unsaid"] == "true") || $0["text"] == "" })
    #expect(messages.contains { $0["text"]?.hasPrefix("Message") == true })
    #expect(posts.contains { $0["text"]?.contains("🐦") == true })
    let erased = Set(users.filter { $0["erased"] == "true" }.compactMap { $0["id"] })
    for post in posts where erased.contains(post["author_id"] ?? "") {
      #expect(post["text"] == "" && post["status"] == "erased")
    }
  }

  @Test func `whoever is erased by now is gone from the tables of before too`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.file("data"))
    let ids = town.engine.shards[0].ids
    let (user, post) = (UserID(ids.next()), PostID(ids.next()))
    let actor = town.engine.shard(of: .user(user)).directory.users.findOrMake(user)
    let name = try #require(Username("goner"))
    _ = try await actor.perform(
      .signUp(username: name, secret: Secret([.name: "A name"])), by: user)
    let facts = PostFacts(author: user, visibility: .public)
    let published = try await town.engine.shard(of: .post(post)).directory.posts.findOrMake(post)
      .perform(.publish(facts, secret: Secret([.text: "A text"])), by: user)
    let erased = try await actor.perform(.erase, by: user)
    await town.engine.reached(erased.position)
    try await town.engine.archivist.destroyKey(of: user)
    await town.close()
    let then = try tables(directory, isPrivate: true, .position(published.position))
    #expect(then[.users]?.count == 1 && then[.posts]?.count == 1)
    #expect(then[.users]?[0]["erased"] == "true" && then[.users]?[0]["username"] == "")
    #expect(then[.posts]?[0]["status"] == "erased" && then[.posts]?[0]["text"] == "")
  }

  @Test func `only the tables that were asked for are written`() async throws {
    let directory = TemporaryDirectory()
    let town = try await Town.open(directory.file("data"))
    var people = Townspeople(town, seed: 22)
    await people.live(80)
    await town.close()
    let open = try tables(directory, isPrivate: false)
    #expect(open[.blocks] == nil && open[.mutes] == nil && open[.users] != nil)
    let some = try tables(directory, isPrivate: false, only: [.users, .tags])
    #expect(Set(some.keys) == [.users, .tags])
    #expect(fileNames(directory.file("tables-false-2")).sorted() == ["tags.csv", "users.csv"])
  }

  @Test func `every column is described in the documentation, and no other`() {
    let page = String(decoding: readFile(packagePath() + "/docs/export.md"), as: UTF8.self)
    for table in ExportTable.allCases {
      guard let start = page.firstRange(of: "### \(table.rawValue)\n") else {
        Issue.record("docs/export.md does not describe \(table.rawValue)")
        continue
      }
      let rest = page[start.upperBound...]
      let section = rest[..<(rest.firstRange(of: "\n##")?.lowerBound ?? rest.endIndex)]
      let columns = section.split(separator: "\n")
        .filter { $0.hasPrefix("| `") }
        .map { String($0.dropFirst(3).prefix { $0 != "`" }) }
      #expect(columns == table.columns, "\(table.rawValue)")
    }
  }
}
