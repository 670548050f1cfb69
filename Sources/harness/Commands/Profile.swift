import ArgumentParser
import Benchmarking
import Engine
import Foundation
import Kernels
import Measurement
import Reporting
import Tensors

struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what each layer costs: time, multiply-adds, bytes, and the algorithm chosen.",
        discussion: """
            Times are medians over the repeats. GFLOP/s count the arithmetic of the direct method, two operations per
            multiply-add, so that an algorithm with fewer multiplications can pass the machine's peak. The roofline of
            a layer is the least time that any algorithm could take here: arithmetic at the measured peak or weights
            read once at the measured bandwidth, whichever is longer, and transforms at half the peak.

            EXAMPLES
              harness profile --model random:repvgg-a0
              harness profile --model vgg16.pth --threads 2 --json
              harness profile --model random:repvgg-b1 --tune
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Option(help: "Images per inference.")
    var batch = 1

    @Option(help: "Height and width of the input, such as 224x224.")
    var input: String?

    @Option(help: "Inferences that the medians are taken over.")
    var repeats = 20

    @Flag(help: "Measure which algorithm is fastest for each layer here; kept in a cache for later runs.")
    var tune = false

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Row: Encodable {
        let layer: LayerReport
        let seconds: Double
        let gflops: Double
        /// Of the time that the machine's limits allow, over the time taken.
        let roofline: Double?

        private enum Key: String, CodingKey { case seconds, gflops, roofline }

        func encode(to encoder: any Encoder) throws {
            try layer.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(seconds, forKey: .seconds)
            try container.encode(gflops, forKey: .gflops)
            try container.encodeIfPresent(roofline, forKey: .roofline)
        }
    }

    func validate() throws {
        guard (1...4096).contains(batch) else { throw ValidationError("--batch takes 1 to 4096") }
        guard (1...100_000).contains(repeats) else { throw ValidationError("--repeats takes 1 to 100000") }
    }

    func run() throws {
        var model = try self.model.load(try folders.locations())
        let size = try input.map(ImageSize.parse) ?? model.inputSize
        let shape = [batch, model.network.inputChannels] + size
        let network = try model.takeNetwork(in: try self.model.chosenForm())
        var options = try engine.planOptions()
        if tune {
            var cache = TuningCache(
                cpu: EnvironmentRecord.current().cpu.model, options: options, version: Harness.version)
            options = try cache.tuned(network, inputShape: shape, options: options) { done, total in
                Terminal.progress("tuning: \(done) of \(total) shapes")
            }
            Terminal.clearProgress()
        }
        let plan = try Plan(consume network, inputShape: shape, options: options)
        let rates = MachineRates.measure(
            isa: try EngineOptions.chosenISA(engine.isa), threads: engine.threads, clock: MonotonicClock().now)
        let rows = measure(plan, Tensor.normal(shape: shape, seed: self.model.seed), rates)
        if json {
            try Terminal.json(rows)
        } else {
            Terminal.print(table(rows))
            Terminal.note(
                "limits measured here: \(Format.digits(rates.flops * 1e-9)) GFLOP/s, "
                    + "\(Format.digits(rates.bandwidth * 1e-9)) GB/s")
        }
    }

    private func measure(_ plan: Plan, _ input: Tensor, _ rates: MachineRates) -> [Row] {
        zip(plan.layers, plan.layerSeconds(input, warmup: 3, repeats: repeats)).map { layer, seconds in
            Row(
                layer: layer, seconds: seconds, gflops: 2e-9 * Double(layer.multiplyAdds) / seconds,
                roofline: layer.work.map { $0.seconds(rates) }.min().map { $0 / seconds })
        }
    }

    private func table(_ rows: [Row]) -> String {
        var table = TextTable(
            header: [
                "layer", "kind", "algorithm", "output", "time", "share", "MACs", "GFLOP/s", "roofline",
                "weights", "activations",
            ],
            leading: [1, 2, 3])
        let total = rows.reduce(0) { $0 + $1.seconds }
        for row in rows {
            let layer = row.layer
            table.add([
                layer.name, layer.kind, layer.algorithm ?? "", Shape.text(layer.outputShape),
                Format.seconds(row.seconds), Format.percent(row.seconds / total), Format.count(layer.multiplyAdds),
                layer.multiplyAdds > 0 ? Format.digits(row.gflops) : "", row.roofline.map(Format.percent) ?? "",
                Format.bytes(layer.weightBytes), Format.bytes(layer.activationBytes),
            ])
        }
        let limit = rows.reduce(0) { $0 + ($1.roofline ?? 0) * $1.seconds }
        let multiplyAdds = rows.reduce(0) { $0 + $1.layer.multiplyAdds }
        table.add([
            "total", "", "", "", Format.seconds(total), "", Format.count(multiplyAdds),
            Format.digits(2e-9 * Double(multiplyAdds) / total), Format.percent(limit / total),
            Format.bytes(rows.reduce(0) { $0 + $1.layer.weightBytes }), "",
        ])
        return table.text
    }
}
