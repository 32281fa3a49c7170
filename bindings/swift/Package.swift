// swift-tools-version: 6.0
import PackageDescription

// The C interface. Apple platforms take it from the XCFramework that `.ci/apple`
// lays out beside this file; elsewhere it is a system library: found through
// pkg-config where it is installed, else by `-Xlinker -L` and the folder that
// libroomseal.a is in.
#if os(macOS)
let library = Target.binaryTarget(name: "CRoomseal", path: "CRoomseal.xcframework")
let privacy: [Resource] = [.copy("PrivacyInfo.xcprivacy")]
let notBuilt: [String] = []
#else
let library = Target.systemLibrary(
    name: "CRoomseal", path: "Sources/CRoomseal", pkgConfig: "roomseal")
let privacy: [Resource] = []
let notBuilt = ["PrivacyInfo.xcprivacy"]
#endif

let package = Package(
    name: "Roomseal",
    platforms: [.iOS(.v13), .macOS(.v11)],
    products: [.library(name: "Roomseal", targets: ["Roomseal"])],
    targets: [
        library,
        .target(
            name: "Roomseal", dependencies: ["CRoomseal"], exclude: notBuilt, resources: privacy),

        // One member seals a frame, another one opens it.
        .executableTarget(name: "RoomsealQuickstart", dependencies: ["Roomseal"]),

        // What calling through Swift costs, beside the same loops in C.
        .target(
            name: "BoundaryLoops", dependencies: ["CRoomseal"],
            cSettings: [.headerSearchPath("../CRoomseal", .when(platforms: [.linux]))]),
        .executableTarget(name: "RoomsealBench", dependencies: ["Roomseal", "BoundaryLoops"]),

        // Swift has no fork().
        .target(name: "ForkedChild", path: "Tests/ForkedChild"),
        .testTarget(name: "RoomsealTests", dependencies: ["Roomseal", "CRoomseal", "ForkedChild"]),
    ],
    swiftLanguageModes: [.v6]
)
