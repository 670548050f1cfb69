import Measurement
import Testing

@Suite struct HardwareCountersTests {
    @Test func countsWhereTheMachineCan() {
        guard let counters = HardwareCounters() else { return #expect(Doctor.counters.finding.contains("no hardware")) }
        let before = counters.read()
        var sum: UInt64 = 1
        for step in 0..<1_000_000 as Range<UInt64> { sum = sum &* 31 &+ step }
        let spent = counters.read() - before
        #expect(sum != 0 && spent.instructions > 1_000_000 && spent.cycles > 0)
    }

    @Test func arithmetic() {
        let one = CountersRecord(cycles: 10, instructions: 20, cacheMisses: 2)
        #expect((one + one).divided(by: 4) == CountersRecord(cycles: 5, instructions: 10, cacheMisses: 1))
        #expect((one + one) - one == one)
    }
}
