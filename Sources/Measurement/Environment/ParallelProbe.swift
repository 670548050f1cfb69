import Dispatch

/// Finds out by trying how many cores there really are: virtual ones may share a core, or get little of its time.
package enum ParallelProbe {
    /// How many times the work of one thread `threads` threads do in the same time; takes some 30 ms.
    package static func speedUp(threads: Int) -> Double {
        guard threads > 1 else { return 1 }
        let alone = seconds(threads: 1)
        return Double(threads) * alone / seconds(threads: threads)
    }

    package static func check(cores: Int) -> Doctor.Check? {
        guard cores > 1 else { return nil }
        return check(threads: cores, speedUp: (0..<3).map { _ in speedUp(threads: cores) }.sorted()[1])
    }

    package static func check(threads: Int, speedUp: Double) -> Doctor.Check {
        let share = speedUp / Double(threads)
        return Doctor.Check(
            "parallel", share >= 0.9 ? .pass : share >= 0.7 ? .warn : .fail,
            "\(threads) threads do \(Format.decimal(speedUp, places: 2)) times the work of one",
            advice: "the cores are shared with others or with each other: measure one thread, or elsewhere")
    }

    private static func seconds(threads: Int) -> Double {
        let clock = MonotonicClock()
        let start = clock.now()
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let sum = work(Float(thread))
            if sum == .infinity { print(sum, terminator: "") }  // never; keeps the work from being optimized away
        }
        return Double(clock.now() - start) * 1e-9
    }

    /// Keeps the floating-point units of a core busy all the time, so that two hardware threads of one core are told from
    /// two cores: as many independent sums as fit the registers of any CPU; about 10 ms.
    @inline(never)
    private static func work(_ seed: Float) -> Float {
        let (factor, summand) = (SIMD16<Float>(repeating: 0.5), SIMD16<Float>(repeating: 0.25))
        var (a, b, c) = (factor + seed, summand + seed, factor - seed)
        for _ in 0..<5_000_000 {
            a = a * factor + summand
            b = b * factor + summand
            c = c * factor + summand
        }
        return (a + b + c).sum()
    }
}
