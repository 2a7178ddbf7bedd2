package import Domain

/// An outcome as CBOR: [0] ok, [1, word], [2, id], [3, count].
package enum OutcomeCodec {
  package static func encode(_ outcome: Outcome, into encoder: inout CBOREncoder) {
    switch outcome {
    case .ok:
      encoder.array(1)
      encoder.uint(0)
    case .word(let word):
      encoder.array(2)
      encoder.uint(1)
      encoder.text(word)
    case .id(let id):
      encoder.array(2)
      encoder.uint(2)
      encoder.uint(id)
    case .count(let count):
      encoder.array(2)
      encoder.uint(3)
      encoder.int(Int64(count))
    }
  }

  package static func decode(_ decoder: inout CBORDecoder) throws(CBORError) -> Outcome {
    let count = try decoder.array()
    guard count > 0 else { throw .invalidValue }
    switch (try decoder.uint(), count) {
    case (0, 1): return .ok
    case (1, 2): return .word(try decoder.text())
    case (2, 2): return .id(try decoder.uint())
    case (3, 2): return .count(Int(try decoder.int()))
    default: throw .invalidValue
    }
  }
}
