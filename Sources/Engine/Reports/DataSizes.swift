/// The room that a data directory takes, in bytes.
package struct DataSizes: Equatable, Sendable {
  package var journal: UInt64
  package var keys: UInt64
  package var snapshots: UInt64

  package init(directory: String) {
    journal = FileSizes.allocated(directory + "/journal/data.mdb") ?? 0
    keys = FileSizes.allocated(directory + "/keys/data.mdb") ?? 0
    snapshots = 0
  }

  package var json: JSON {
    .object([
      ("journal", .uint(journal)), ("keys", .uint(keys)), ("snapshots", .uint(snapshots)),
    ])
  }
}
