import Testing

@testable import roost_simulate

@Suite struct NumberListTests {
  @Test(arguments: ["3", "3,5", "3-5", "1-2,4,6-9", ""])
  func `a list of numbers reads back as it was written`(text: String) {
    #expect(NumberList(text)?.description == text)
  }

  @Test func `neighbours are written as one range`() {
    #expect("\(NumberList(numbers: [9, 1, 2, 3, 5]))" == "1-3,5,9")
  }

  @Test(arguments: ["a", "3-", "5-3", "1-2-3", "1;2"])
  func `what is no list of numbers is refused`(text: String) {
    #expect(NumberList(text) == nil)
  }
}
