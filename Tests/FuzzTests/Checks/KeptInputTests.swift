import Testing

/// What fuzzing has found goes through the same targets in every test run, without a fuzzer.
@Suite(.serialized) struct KeptInputTests {
  @Test(arguments: FuzzTarget.all.map(\.name))
  func `every kept input passes`(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let corpus = try KeptInputs.corpus(name)
    #expect(!corpus.isEmpty)
    #expect(corpus.count == (try KeptInputs.lines("Corpus/\(name).base64").count))
    for input in corpus {
      #expect(input.count <= target.bytesMax)
      target.run(input)
    }
  }

  @Test func `every input that found a bug passes`() throws {
    let regressions = try KeptInputs.regressions()
    #expect(regressions.count == (try KeptInputs.lines("Regressions.txt").count))
    #expect(!regressions.isEmpty)
    for (name, _, input) in regressions { try #require(FuzzTarget.named(name)).run(input) }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func `what every target begins with passes`(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let seeds = try target.seeds()
    #expect(!seeds.isEmpty)
    for seed in seeds { target.run(seed) }
  }

  @Test func `what does not hold ends the process`() async {
    await #expect(processExitsWith: .failure) { hold(false, "this does not hold") }
    await #expect(processExitsWith: .success) { hold(true, "this holds") }
  }

  @Test func `names are of one target each`() {
    #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
  }
}
