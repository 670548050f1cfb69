import Measurement
import Reporting
import Testing

@Suite struct SummaryTableTests {
    @Test func matchesSnapshot() throws {
        try expectSnapshot(SummaryTable.text(sampleResults()) + "\n", "summary.txt")
    }

    @Test func comparesFormsAndEngines() throws {
        var synthetic = Synthetic(seed: 2)
        try expectSnapshot(SummaryTable.text(synthetic.suite()) + "\n", "summary-suite.txt")
    }
}
