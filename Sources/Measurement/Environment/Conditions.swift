/// What the machine did while a run went on.
package struct Conditions {
    private let start = ProcessorTimes.current()
    private var frequencies: [Double] = []
    private var speedUps: [Double] = []
    private let threads: Int

    /// - Parameter threads: the most that a case uses.
    package init(threads: Int) {
        self.threads = threads
    }

    /// Notes the clock rate now, and how much several threads gain; best called when the processor has just been busy.
    package mutating func look() {
        if threads > 1 { speedUps.append(ParallelProbe.speedUp(threads: threads)) }
        if let rate = SystemFile.read("/proc/cpuinfo").flatMap(ProcText.highestFrequency) { frequencies.append(rate) }
    }

    package var record: ConditionsRecord {
        var record = ConditionsRecord()
        if let start, let now = ProcessorTimes.current() { record.steal = now.stolen(since: start) }
        if !frequencies.isEmpty {
            record.frequency = FrequencyRecord(
                current: frequencies.median, minimum: frequencies.min(), maximum: frequencies.max())
        }
        if !speedUps.isEmpty {
            record.parallel = ParallelRecord(threads: threads, median: speedUps.median, minimum: speedUps.min() ?? 0)
        }
        return record
    }
}

/// The state of the machine over a whole run.
package struct ConditionsRecord: Codable, Equatable, Sendable {
    /// Fraction of the processors' time that the hypervisor kept for others.
    package var steal: Double?
    /// Of the fastest core, in hertz: the median, the lowest and the highest of the readings after each block.
    package var frequency: FrequencyRecord?
    /// Nil where no case uses several threads.
    package var parallel: ParallelRecord?

    package init() {}
}

/// How many times the work of one thread several threads did, tried after each block.
package struct ParallelRecord: Codable, Equatable, Sendable {
    package var threads: Int
    package var median: Double
    package var minimum: Double

    package init(threads: Int, median: Double, minimum: Double) {
        (self.threads, self.median, self.minimum) = (threads, median, minimum)
    }
}

extension Doctor {
    /// What of a run's conditions makes its times doubtful.
    package static func warnings(_ conditions: ConditionsRecord) -> [String] {
        var warnings: [String] = []
        if let steal = conditions.steal, steal >= 0.01 {
            warnings.append("steal: the hypervisor kept \(Format.percent(steal)) of the time for others during the run")
        }
        if let rates = conditions.frequency, let low = rates.minimum, let high = rates.maximum, low < 0.95 * high {
            warnings.append("frequency: the clock rate changed by \(Format.percent(1 - low / high)) during the run")
        }
        if let parallel = conditions.parallel {
            let worst = ParallelProbe.check(threads: parallel.threads, speedUp: parallel.minimum)
            if worst.status != .pass { warnings.append("parallel: at worst, \(worst.finding)") }
        }
        return warnings
    }
}
