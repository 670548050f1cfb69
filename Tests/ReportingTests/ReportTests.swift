import Foundation
import Measurement
import Reporting
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The page is well-formed XML by design, so a parser finds every slip in nesting and escaping. With SAMPLE_REPORTS
/// naming a folder in the environment the pages are written there, to be looked at.
@Suite struct ReportTests {
    @Test(arguments: ["suite", "one case", "many cases", "history", "odd", "bare", "failed", "none", "two suites"])
    func isWellFormedAndSelfContained(_ name: String) throws {
        let page = Report.html(for: sample(name))
        try keep(page, name)
        expectWellFormed(page)
        for reference in ["http:", "https:", "src=", "url(", "@import", "<link", "<img"] {
            #expect(!page.contains(reference), "refers to something outside by \(reference)")
        }
        #expect(!page.contains("nan%") && !page.contains("inf%") && !page.contains("\"nan\""))
    }

    @Test func showsWhatWasFound() throws {
        let page = Report.html(for: sample("suite"))
        for heading in [
            "Latency", "Training form and fused form", "Other engines", "Accuracy, size and latency", "Memory",
            "Phases",
            "Samples", "Algorithms by layer", "Machine and run",
        ] {
            #expect(page.contains("<h2>\(heading)</h2>"))
        }
        #expect(!page.contains("<h2>History</h2>"))
        #expect(page.contains("resnet-18@openvino: openvino: no module of this name"))
        #expect(page.contains("16 of 17"))
    }

    @Test func escapesEverything() throws {
        let page = Report.html(for: sample("odd"))
        #expect(!page.contains("<script>alert") && !page.contains("</style><b>"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(!page.contains("\u{1B}"))
    }

    @Test func findsTheStepInTheHistory() throws {
        var synthetic = Synthetic(seed: 4)
        synthetic.samples = 12
        let page = Report.html(for: synthetic.history(runs: 30).shuffled(using: &synthetic.generator))
        // Cases 0, 2 and 4 are 8 % slower from run 20 on, 21 January.
        #expect(page.components(separatedBy: "<td>2026-01-21</td>").count - 1 == 3)
        #expect(page.contains("newest of 30 runs"))
    }

    @Test func orderOfFilesDoesNotMatter() {
        var synthetic = Synthetic(seed: 5)
        synthetic.samples = 12
        let runs = synthetic.history(runs: 5)
        #expect(Report.html(for: runs) == Report.html(for: runs.reversed() + runs))
    }

    @Test func otherMachinesAreNotInTheHistory() {
        var synthetic = Synthetic(seed: 6)
        synthetic.samples = 12
        var runs = synthetic.history(runs: 4)
        runs[0].environment.cpu.model = "another"
        #expect(Report.html(for: runs).contains("1 run on other machines left out"))
    }

    @Test func hugeCasesAreThinned() throws {
        var synthetic = Synthetic(seed: 7)
        synthetic.samples = 100_000
        let one = synthetic.network("vgg-11", nil, 0.02)
        var results = synthetic.suite()
        results.cases = [one]
        let page = Report.html(for: [results])
        try keep(page, "huge")
        #expect(page.utf8.count < 60_000)
        #expect(page.contains("100,000 samples of 3 processes"))
        #expect(page.contains("drawn as dots"))
    }

    // MARK: Samples

    private func sample(_ name: String) -> [Results] {
        var synthetic = Synthetic(seed: 3)
        switch name {
        case "suite": return [synthetic.suite()]
        case "one case":
            var results = synthetic.suite()
            results.cases = [results.cases[1]]
            return [results]
        case "many cases":
            var results = synthetic.suite()
            results.cases = (0..<200).map { index in
                var one = synthetic.network(
                    "net-\(index)", index % 2 == 0 ? "fused" : "training", 0.001 * exp(Double(index) / 30))
                one.model = "net-\(index / 2)"
                return one
            }
            return [results]
        case "history":
            synthetic.samples = 30
            return synthetic.history(runs: 60, cases: 9)
        case "odd": return [oddResults()]
        case "bare": return [bareResults()]
        case "failed":
            var results = synthetic.suite()
            for index in results.cases.indices {
                results.cases[index].latencySeconds = nil
                results.cases[index].error = "out of memory"
            }
            return [results]
        case "none": return []
        default:
            var other = synthetic.history(runs: 12)
            for index in other.indices { other[index].run.suite = "small networks" }
            return [synthetic.suite()] + other
        }
    }

    /// Texts that try to break out of the page, in every place that takes text.
    private func oddResults() -> Results {
        let odd = "<script>alert(1)</script>\"'&\u{1B}[31m\u{0} ]]> </style><b> 日本語 \u{202E}abc"
        var results = sampleResults()
        results.run.suite = odd
        results.run.git?.commit = odd
        results.run.command = [odd, odd]
        results.environment.cpu.model = odd
        results.environment.warnings = [odd]
        results.environment.os = odd
        for index in results.cases.indices {
            results.cases[index].id = "\(index)\(odd)" + String(repeating: "long", count: index * 10)
            results.cases[index].model = odd
            results.cases[index].engine = odd
            results.cases[index].ratioToNative = 1.5
            results.cases[index].algorithms = [odd: odd]
            results.cases[index].phases = [odd: PhaseRecord(samples: [0.1])]
            results.cases[index].accuracy?.dataset = odd
            results.cases[index].accuracy?.gates = [odd: 0.5]
        }
        return results
    }

    /// Nothing that is optional, and times that are all equal.
    private func bareResults() -> Results {
        var run = RunRecord(
            id: "1", suite: "bare", started: Date(timeIntervalSince1970: 0), command: [], seed: 0, harnessVersion: "")
        run.command = nil
        run.seed = nil
        run.harnessVersion = nil
        var one = CaseRecord(id: "case", model: "model", engine: "native", threads: 1, batch: 1, input: [])
        one.latencySeconds = LatencyRecord(processes: [[0.5, 0.5, 0.5]], warmup: 0)
        var two = one
        two.id = "two"
        two.latencySeconds = LatencyRecord(processes: [[1e-9]], warmup: 0)
        two.memoryBytes = MemoryRecord(peakRSS: nil, weights: 0, activations: 0)
        return Results(
            run: run, environment: EnvironmentRecord(cpu: CPURecord(model: "", cores: 1)), cases: [one, two])
    }

    private func keep(_ page: String, _ name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["SAMPLE_REPORTS"] else { return }
        let file = URL(fileURLWithPath: folder).appendingPathComponent(name.replacing(" ", with: "-") + ".html")
        try Data(page.utf8).write(to: file)
    }

    private func expectWellFormed(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let parser = XMLParser(data: Data(page.utf8))
        let whole = parser.parse()
        let reason = parser.parserError.map { "\($0)" } ?? ""
        #expect(whole, "line \(parser.lineNumber): \(reason)", sourceLocation: sourceLocation)
    }
}
