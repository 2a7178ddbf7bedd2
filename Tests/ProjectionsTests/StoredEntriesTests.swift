import Domain
import Journal
import Projections
import Testing

@Suite struct StoredEntriesTests {
  @Test(arguments: [1, 3])
  func `what is stored is turned back into the entries`(shards: Int) throws {
    var play = Play(seed: 77, peopleCount: 9)
    for _ in 0..<600 { play.step() }
    var cluster = Cluster(shardCount: shards, limits: ProjectionLimits(ringMax: 12))
    try cluster.fold(play.records)
    for name in ProjectionName.allCases {
      var stored = StoredEntries()
      var turned: [[UInt8]: [UInt8]] = [:]
      var expected: [[UInt8]: [UInt8]] = [:]
      for models in cluster.shards {
        models.forEachEntry(of: name) { expected[$0] = $1 }
        var failure: CBORError?
        models.forEachStored(of: name) { key, value in
          do throws(CBORError) {
            if let entry = try stored.entry(of: name, key: key, value: value) {
              turned[entry.key] = entry.value
            }
          } catch {
            failure = error
          }
        }
        #expect(failure == nil)
      }
      #expect(turned == expected, "\(name)")
    }
  }
}
