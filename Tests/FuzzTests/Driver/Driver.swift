import Glibc

// roost-fuzz, which tools/fuzz builds and calls. Its main function is libFuzzer's.
//
//     roost-fuzz --list                          name, longest input, largest allocation of each
//     roost-fuzz --words=TARGET                  a dictionary
//     roost-fuzz --seeds=TARGET DIRECTORY        writes what to begin with
//     roost-fuzz --target=TARGET [OPTION …] [PATH …]
//
// libFuzzer passes over options with two hyphens and hands them to the processes that it starts.

nonisolated(unsafe) private var current: FuzzTarget?

/// Called once, before anything else.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
  _: UnsafeMutablePointer<Int32>,
  _: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
  if CommandLine.arguments.contains("--list") {
    for target in FuzzTarget.all {
      print(target.name, target.bytesMax, target.allocationMiBMax)
    }
    exit(0)
  }
  if let name = value(of: "words") {
    for word in target(name).words {
      let digits = word.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      print("\"\(digits.joined())\"")
    }
    exit(0)
  }
  if let name = value(of: "seeds"), let directory = CommandLine.arguments.last {
    write(target(name), to: directory)
    exit(0)
  }
  guard let name = value(of: "target") else {
    fail("say --list, --words=TARGET, --seeds=TARGET DIRECTORY or --target=TARGET …")
  }
  unsafe current = target(name)
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func runOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  unsafe current?.run(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}

private func value(of option: String) -> String? {
  CommandLine.arguments.lazy.compactMap { argument in
    argument.hasPrefix("--\(option)=") ? String(argument.dropFirst(option.count + 3)) : nil
  }.first
}

private func target(_ name: String) -> FuzzTarget {
  guard let target = FuzzTarget.named(name) else { fail("there is no target '\(name)'") }
  return target
}

private func write(_ target: FuzzTarget, to directory: String) {
  let seeds: [[UInt8]]
  do { seeds = try target.seeds() } catch { fail("\(target.name) has no seeds: \(error)") }
  for (index, seed) in seeds.enumerated() where seed.count <= target.bytesMax {
    let path = "\(directory)/seed-\(index)"
    guard let file = unsafe fopen(path, "w") else { fail("\(path) cannot be written") }
    unsafe fwrite(seed, 1, seed.count, file)
    unsafe fclose(file)
  }
}

private func fail(_ problem: String) -> Never {
  let line = "roost-fuzz: \(problem)\n"
  unsafe Glibc.write(2, line, line.utf8.count)
  exit(2)
}
