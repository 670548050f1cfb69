import KernelTypes
import KernelsX86V2
import KernelsX86V3
import KernelsX86V4

/// The kernels of one instruction set.
struct KernelTable: Sendable {
    /// The most rows of a register tile, by its number of output-channel blocks.
    let tileRows: [Int]
    let multiplyTile: @Sendable (_ rows: Int, _ blocks: Int, TileCall) -> Void
    let transformInput:
        @Sendable (_ m: Int, WinogradCall, _ map: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
    let transformWeights:
        @Sendable (
            _ m: Int, UnsafePointer<Float>, _ channels: Int, _ blocks: Int, _ target: UnsafeMutablePointer<Float>,
            _ frequencyStride: Int
        ) -> Void
    let transformOutput:
        @Sendable (
            _ m: Int, WinogradCall, _ source: UnsafePointer<Float>, _ map: UnsafeMutablePointer<Float>,
            _ bias: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, _ relu: Bool
        ) -> Void
    let multiplyRows:
        @Sendable (
            Range<Int>, _ inputs: Int, _ weights: UnsafePointer<Float>, _ input: UnsafePointer<Float>,
            _ inputStride: Int, _ images: Int, _ output: UnsafeMutablePointer<Float>, _ outputStride: Int,
            _ bias: UnsafePointer<Float>?, _ relu: Bool
        ) -> Void
    let multiplyAddRounds: @Sendable (_ rounds: Int, _ value: UnsafeMutablePointer<Float>) -> Int
    let maxPool:
        @Sendable (
            UnsafePointer<Float>, _ height: Int, _ width: Int, _ size: Int, _ stride: Int, _ padding: Int,
            _ output: UnsafeMutablePointer<Float>, _ outputHeight: Int, _ outputWidth: Int
        ) -> Void
    let averagePool:
        @Sendable (
            UnsafePointer<Float>, _ height: Int, _ width: Int, _ output: UnsafeMutablePointer<Float>,
            _ outputHeight: Int, _ outputWidth: Int
        ) -> Void
    let add:
        @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int, _ relu: Bool)
            ->
            Void
    let rectify: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int) -> Void
    let multiply:
        @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int) -> Void
    let scaleChannels:
        @Sendable (
            UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int, _ scale: UnsafePointer<Float>,
            _ shift: UnsafePointer<Float>
        ) -> Void
    let nearestRows:
        @Sendable (
            UnsafePointer<Float>, _ count: Int, _ d: Int, _ centres: UnsafePointer<Float>,
            _ halves: UnsafePointer<Float>, _ width: Int, _ codes: UnsafeMutablePointer<UInt16>,
            _ scores: UnsafeMutablePointer<Float>
        ) -> Void
    let gram:
        @Sendable (
            UnsafePointer<UnsafePointer<Float>>, _ d: Int, _ count: Int, _ output: UnsafeMutablePointer<Float>
        ) -> Void

    static func of(_ isa: ISA) -> KernelTable {
        switch isa {
        case .portable, .v2: v2
        case .v3: v3
        case .v4: v4
        }
    }

    private static let v2 = KernelTable(
        tileRows: KernelsX86V2.tileRows, multiplyTile: KernelsX86V2.multiplyTile,
        transformInput: KernelsX86V2.transformInput, transformWeights: KernelsX86V2.transformWeights,
        transformOutput: KernelsX86V2.transformOutput,
        multiplyRows: KernelsX86V2.multiplyRows,
        multiplyAddRounds: KernelsX86V2.multiplyAddRounds, maxPool: KernelsX86V2.maxPool,
        averagePool: KernelsX86V2.averagePool, add: KernelsX86V2.add, rectify: KernelsX86V2.rectify,
        multiply: KernelsX86V2.multiply, scaleChannels: KernelsX86V2.scaleChannels,
        nearestRows: KernelsX86V2.nearestRows, gram: KernelsX86V2.gram)

    private static let v3 = KernelTable(
        tileRows: KernelsX86V3.tileRows, multiplyTile: KernelsX86V3.multiplyTile,
        transformInput: KernelsX86V3.transformInput, transformWeights: KernelsX86V3.transformWeights,
        transformOutput: KernelsX86V3.transformOutput,
        multiplyRows: KernelsX86V3.multiplyRows,
        multiplyAddRounds: KernelsX86V3.multiplyAddRounds, maxPool: KernelsX86V3.maxPool,
        averagePool: KernelsX86V3.averagePool, add: KernelsX86V3.add, rectify: KernelsX86V3.rectify,
        multiply: KernelsX86V3.multiply, scaleChannels: KernelsX86V3.scaleChannels,
        nearestRows: KernelsX86V3.nearestRows, gram: KernelsX86V3.gram)

    private static let v4 = KernelTable(
        tileRows: KernelsX86V4.tileRows, multiplyTile: KernelsX86V4.multiplyTile,
        transformInput: KernelsX86V4.transformInput, transformWeights: KernelsX86V4.transformWeights,
        transformOutput: KernelsX86V4.transformOutput,
        multiplyRows: KernelsX86V4.multiplyRows,
        multiplyAddRounds: KernelsX86V4.multiplyAddRounds, maxPool: KernelsX86V4.maxPool,
        averagePool: KernelsX86V4.averagePool, add: KernelsX86V4.add, rectify: KernelsX86V4.rectify,
        multiply: KernelsX86V4.multiply, scaleChannels: KernelsX86V4.scaleChannels,
        nearestRows: KernelsX86V4.nearestRows, gram: KernelsX86V4.gram)
}
