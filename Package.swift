// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Where the toolchain on the path has the standard library as archives, linking it in takes 8 MiB off every process.
let links: [LinkerSetting] = {
    #if os(Linux)
    let tools = (Context.environment["PATH"] ?? "").split(separator: ":").map { URL(fileURLWithPath: $0 + "/swift") }
    let swift = tools.first { FileManager.default.isExecutableFile(atPath: $0.path) }?.resolvingSymlinksInPath()
    let archive = swift?.appendingPathComponent("../../lib/swift_static/linux/libFoundation.a").standardizedFileURL
    guard let archive, FileManager.default.fileExists(atPath: archive.path) else { return [] }
    let libraries = ["CoreFoundation", "_FoundationICU", "_FoundationCShims", "_FoundationCollections", "stdc++"]
    return [.unsafeFlags(["-static-stdlib", "-Xlinker", "-no-pie"] + libraries.map { "-l" + $0 })]
    #else
    return []
    #endif
}()

let kernelFlags = ["-Ounchecked"]

/// The kernel sources compiled for one x86-64 level; the target's folder links to Sources/KernelSources.
func kernels(_ name: String, march: String, defines: [String] = []) -> Target {
    #if arch(x86_64)
    let settings = defines.map { SwiftSetting.define($0) } + [.unsafeFlags(kernelFlags + ["-Xcc", "-march=\(march)"])]
    #else
    let settings = [SwiftSetting.unsafeFlags(kernelFlags)]
    #endif
    return .target(name: name, dependencies: ["CHost", "KernelTypes"], swiftSettings: settings)
}

let package = Package(
    name: "harness",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "harness", targets: ["harness"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .executableTarget(
            name: "harness",
            dependencies: [
                "Benchmarking", "Compression", "Reporting", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            linkerSettings: links),
        .target(name: "Reporting", dependencies: ["Measurement"]),
        .target(
            name: "Benchmarking",
            dependencies: [
                "Compression", "Images", "Measurement", "Networks", "Yams",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(name: "Training", dependencies: ["Benchmarking", "COpenBLAS"]),
        .target(name: "Compression", dependencies: ["Measurement", "Networks"]),
        .target(name: "Networks", dependencies: ["Engine", "Interchange"]),
        .target(
            name: "Measurement",
            dependencies: [
                "CHost", "Hashing",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(
            name: "Interchange",
            dependencies: [
                "Tensors", "CZlib", .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(name: "Engine", dependencies: ["Kernels"]),
        .target(
            name: "Kernels",
            dependencies: [
                "Tensors", "KernelTypes", "KernelsX86V2", "KernelsX86V3", "KernelsX86V4", "CHost", "COpenBLAS",
            ]),
        kernels("KernelsX86V2", march: "x86-64-v2"),
        kernels("KernelsX86V3", march: "x86-64-v3", defines: ["FMA"]),
        kernels("KernelsX86V4", march: "x86-64-v4", defines: ["FMA", "AVX512"]),
        .target(name: "KernelTypes"),
        .target(name: "Images", dependencies: ["Tensors", "CImageShims"], swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "Tensors", dependencies: ["Hashing"]),
        .target(name: "Hashing", dependencies: ["CNettle"]),
        .target(name: "CImageShims", dependencies: ["CPNG", "CJPEG"]),
        .target(name: "CHost"),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"]), .brew(["nettle"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
        .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "InterchangeTests", dependencies: ["Interchange", "TestSupport"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"]),
        .testTarget(
            name: "EngineTests", dependencies: ["Engine", "Networks", "TestSupport"], exclude: ["Fixtures"]),
        .testTarget(name: "NetworksTests", dependencies: ["Networks", "TestSupport"]),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "TestSupport"]),
        .testTarget(name: "TrainingTests", dependencies: ["Benchmarking", "Training", "TestSupport"]),
        .testTarget(name: "MeasurementTests", dependencies: ["Measurement", "TestSupport"], exclude: ["Fixtures"]),
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .testTarget(
            name: "BenchmarkingTests", dependencies: ["AllocationCount", "Benchmarking", "Images", "TestSupport"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "TestSupport"], exclude: ["Snapshots"]),
        .testTarget(
            name: "HarnessTests",
            dependencies: ["Images", "Interchange", "Measurement", "Tensors", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
