import Measurement
import Testing

@Suite struct ParallelProbeTests {
    @Test func oneThreadGainsNothing() {
        #expect(ParallelProbe.speedUp(threads: 1) == 1)
        #expect(ParallelProbe.check(cores: 1) == nil)
        #expect(ParallelProbe.speedUp(threads: 2) > 0)
    }

    @Test(arguments: [(2, 1.95, "pass"), (2, 1.5, "warn"), (2, 1.0, "fail"), (8, 7.4, "pass"), (8, 4.0, "fail")])
    func sharedCoresAreToldOf(threads: Int, speedUp: Double, status: String) {
        var conditions = ConditionsRecord()
        conditions.parallel = ParallelRecord(threads: threads, median: speedUp, minimum: speedUp)
        let warnings = Doctor.warnings(conditions)
        #expect(warnings.count == (status == "pass" ? 0 : 1))
        #expect(warnings.allSatisfy { $0.contains("\(threads) threads do") })
        #expect(ParallelProbe.check(threads: threads, speedUp: speedUp).status.rawValue == status)
    }
}
