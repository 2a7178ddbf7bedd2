// swift-tools-version: 6.2
import PackageDescription

/// The same rules for every target. Each feature names the proposal it comes from.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),  // SE-0458
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
  .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
  .define("ROOST_MUTATIONS", .when(configuration: .debug)),  // Sources/Journal/Mutation.swift
]

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// The fuzzers (docs/fuzzing.md) are tests that run what they keep; tools/fuzz has them built as a
/// program, with libFuzzer's own parts, from the same files.
func fuzzers(_ dependencies: [Target.Dependency]) -> [Target] {
  let path = "Tests/FuzzTests"
  let kept: [String] = ["Corpus", "Regressions.txt"]
  guard Context.environment["ROOST_FUZZ"] != nil else {
    return [
      .testTarget(
        name: "FuzzTests", dependencies: dependencies, path: path, exclude: kept + ["Driver"],
        swiftSettings: settings)
    ]
  }
  return [
    .executableTarget(
      name: "roost-fuzz", dependencies: dependencies, path: path, exclude: kept + ["Checks"],
      swiftSettings: settings)
  ]
}

/// In the order in which the data passes; imports point towards Domain.
let package = Package(
  name: "roost",
  products: [
    .executable(name: "roost", targets: ["roost"]),
    .executable(name: "roost-bench", targets: ["roost-bench"]),
  ],
  targets: [
    // C libraries: a module map each, nothing else.
    system("CLMDB", "lmdb", "liblmdb-dev"),
    system("CZstd", "libzstd", "libzstd-dev"),
    system("CSodium", "libsodium", "libsodium-dev"),
    system("CEvent", "libevent_core", "libevent-dev"),
    system("CZlib", "zlib", "zlib1g-dev"),
    system("CCrypto", "libcrypto", "libssl-dev"),
    system("CSSL", "libssl", "libssl-dev"),
    .systemLibrary(name: "CEpoll"),  // a part of Glibc that Swift's module leaves out
    .systemLibrary(name: "CMalloc"),  // another
    .systemLibrary(name: "CPrctl"),  // another

    // Bytes to requests, replies to bytes; no sockets, no domain.
    target("Wire", []),
    // Pure state machines: decide and apply; no imports.
    target("Domain", []),
    // One order, durable: records, chain, sealing, snapshots; LMDB and zstd live here only.
    target("Journal", ["Domain", "CLMDB", "CZstd", "CSodium", "CZlib", "CCrypto"]),
    // The actors: one per user, conversation and hashtag; directory and shards.
    target("Entities", ["Domain", "Journal"]),
    // Read models folded from committed events only.
    target("Projections", ["Domain", "Journal"]),
    // What joins them: recovery, snapshots while serving, refolding, import, verification.
    target("Engine", ["Domain", "Journal", "Entities", "Projections"]),
    // Listener, connections, command table, sessions, push.
    target(
      "Server",
      [
        "Wire", "Domain", "Journal", "Entities", "Projections", "Engine", "CEvent", "CSSL",
        "CMalloc", "CPrctl",
      ]),
    // Seeded scheduler, virtual clock, in-memory disk, scripted clients, the naive model.
    target(
      "Simulation", ["Wire", "Domain", "Journal", "Entities", "Projections", "Engine", "Server"]),
    // A tool for developers: runs simulations by seed (tools/simulate).
    .executableTarget(
      name: "roost-simulate", dependencies: ["Simulation", "Journal"], swiftSettings: settings),
    // Benchmarks: makes a network, and drives a server as its clients do.
    .executableTarget(
      name: "roost-bench",
      dependencies: ["Wire", "Domain", "Journal", "Entities", "Engine", "CEpoll"],
      swiftSettings: settings),
    // The executable: composition only.
    .executableTarget(
      name: "roost",
      dependencies: ["Wire", "Domain", "Journal", "Entities", "Projections", "Engine", "Server"],
      swiftSettings: settings),

    // Tests mirror the sources; SystemTests drive the real binary over TCP.
    tests("WireTests", ["Wire"]),
    tests("DomainTests", ["Domain"]),
    tests("JournalTests", ["Journal", "Domain"]),
    tests("EntitiesTests", ["Entities", "Journal", "Domain"]),
    tests("ProjectionsTests", ["Projections", "Journal", "Domain"]),
    tests(
      "EngineTests",
      ["Engine", "Projections", "Entities", "Journal", "Domain", "Simulation", "Wire", "roost"]),
    tests(
      "ServerTests", ["Server", "Engine", "Projections", "Entities", "Journal", "Domain", "Wire"]),
    tests(
      "roost-benchTests",
      ["roost-bench", "Engine", "Projections", "Entities", "Journal", "Domain", "Wire"]),
    tests("SimulationTests", ["Simulation", "roost-simulate", "Entities", "Journal", "Domain"]),
  ] + fuzzers(["Wire", "Domain", "Journal", "Entities", "Projections", "Engine", "Server"])
)
