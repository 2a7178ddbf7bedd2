import Testing
import Wire

@testable import Simulation

/// What a subscribed client makes of what it hears.
struct EarTests {
  private func post(_ id: Int, at position: Int) -> Reply {
    let text = #"{"event":"post","at":\#(position),"post":{"id":"\#(id)"}}"#
    return .push([.text("message"), .text("public"), .text(text)])
  }

  private func hear(_ ear: inout Ear, _ reply: Reply) throws {
    try ear.hear(try #require(try Ear.message(reply)))
  }

  @Test func `a channel is resumed from the newest position heard`() throws {
    var ear = Ear(channels: ["public", "inbox"])
    #expect(ear.words == ["SUBSCRIBE", "public@0", "inbox@0"])
    try hear(&ear, post(5, at: 9))
    #expect(ear.words == ["SUBSCRIBE", "public@9", "inbox@0"])
    #expect(ear.hasHeard("post", 5, at: 9, on: "public"))
    #expect(!ear.hasHeard("post", 5, at: 8, on: "public"))
  }

  @Test func `what comes twice, or after something newer, is a violation`() throws {
    var ear = Ear(channels: ["public"])
    try hear(&ear, post(5, at: 9))
    #expect(throws: Violation.self) { try hear(&ear, post(5, at: 9)) }
    #expect(throws: Violation.self) { try hear(&ear, post(6, at: 8)) }
    try hear(&ear, post(6, at: 9))
  }

  @Test func `a gap stands for everything in it and nothing beside it`() throws {
    var ear = Ear(channels: ["public"])
    let gap = #"{"event":"gap","at":20,"after":9}"#
    try hear(&ear, .array([.text("message"), .text("public"), .text(gap)]))
    #expect(!ear.hasHeard("post", 1, at: 9, on: "public"))
    #expect(ear.hasHeard("post", 1, at: 10, on: "public"))
    #expect(ear.hasHeard("post", 1, at: 20, on: "public"))
    #expect(!ear.hasHeard("post", 1, at: 21, on: "public"))
  }

  @Test func `a reply is no message`() throws {
    #expect(try Ear.message(.array([.text("subscribe"), .text("public"), .integer(1)])) == nil)
    #expect(try Ear.message(.text("message")) == nil)
  }
}
