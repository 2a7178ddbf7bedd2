import Glibc

/// Runs of this program in processes of their own.
enum ChildProcess {
  /// A run that takes longer hangs.
  private static let secondsMax = 120

  /// Where this program is.
  static var ownPath: String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe readlink("/proc/self/exe", bytes.bindMemory(to: CChar.self).baseAddress!, bytes.count)
    }
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }

  /// What it prints, by lines, and its exit code. The words are put on the shell's command line as
  /// they are.
  static func run(_ program: String, _ words: [String]) -> (lines: [String], code: Int32) {
    let command = "timeout \(secondsMax) '\(program)' \(words.joined(separator: " ")) 2>&1"
    guard let pipe = unsafe popen(command, "r") else { return ([], 127) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      bytes.append(contentsOf: buffer.prefix(count))
    }
    let code = unsafe pclose(pipe)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.map { String(decoding: $0, as: UTF8.self) }, code)
  }
}
