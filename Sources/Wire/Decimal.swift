/// Reads a decimal integer as Redis does: no blanks, no plus sign, no leading zeros, no `-0`.
func parseDecimal(_ bytes: some Collection<UInt8>) -> Int64? {
  guard let first = bytes.first else { return nil }
  let isNegative = first == Byte.minus
  let digits = isNegative ? bytes.dropFirst() : bytes[...]
  guard let lead = digits.first else { return nil }
  if lead == Byte.zero { return digits.count == 1 && !isNegative ? 0 : nil }
  var value: Int64 = 0
  for byte in digits {
    guard byte >= 0x30 && byte <= 0x39 else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
    if overflow { return nil }
    // Counting down reaches Int64.min, which has no positive twin.
    let (sum, wrapped) = product.subtractingReportingOverflow(Int64(byte - 0x30))
    if wrapped { return nil }
    value = sum
  }
  if isNegative { return value }
  return value == .min ? nil : -value
}

/// Appends digits without making a String (ids have 19, too many for an inline one).
func appendDecimal(_ value: Int64, to out: inout [UInt8]) {
  if value < 0 { out.append(Byte.minus) }
  appendDecimal(magnitude: value.magnitude, to: &out)
}

func appendDecimal(magnitude: UInt64, to out: inout [UInt8]) {
  // Most numbers in replies are counts below ten.
  if magnitude < 10 { return out.append(Byte.zero + UInt8(truncatingIfNeeded: magnitude)) }
  out.append(contentsOf: repeatElement(Byte.zero, count: decimalDigits(magnitude)))
  var digits = out.mutableSpan
  var index = digits.count
  var rest = magnitude
  while rest > 0 {
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    index -= 1
    digits[index] += UInt8(truncatingIfNeeded: digit)
    rest = quotient
  }
}

/// How many digits a number has.
func decimalDigits(_ value: UInt64) -> Int {
  var count = 1
  var bound: UInt64 = 10
  while value >= bound {
    count += 1
    let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
    if overflow { break }
    bound = next
  }
  return count
}

/// The shortest text that reads back as the same number; whole numbers without `.0`, as Redis.
func describe(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
