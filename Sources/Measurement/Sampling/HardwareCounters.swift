import CHost

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The processor's own counters, of this process and the threads that it starts later; Linux, where perf_event_open is
/// allowed and the machine has such counters (virtual ones often have not).
package final class HardwareCounters: Sendable {
    /// `PERF_COUNT_HW_CPU_CYCLES`, `…_INSTRUCTIONS`, `…_CACHE_MISSES` of linux/perf_event.h.
    private static let events: [UInt64] = [0, 1, 3]
    private let descriptors: [Int32]

    /// Nil where one of them cannot be had.
    package init?() {
        var opened: [Int32] = []
        for event in Self.events {
            let descriptor = chost_counter_open(event)
            guard descriptor >= 0 else {
                opened.forEach { close($0) }
                return nil
            }
            opened.append(descriptor)
        }
        descriptors = opened
    }

    deinit { descriptors.forEach { close($0) } }

    /// Since they were opened.
    package func read() -> CountersRecord {
        let values = descriptors.map { descriptor in
            var value: UInt64 = 0
            _ = withUnsafeMutableBytes(of: &value) { unistdRead(descriptor, $0.baseAddress!, $0.count) }
            return Double(value)
        }
        return CountersRecord(cycles: values[0], instructions: values[1], cacheMisses: values[2])
    }

    /// Why they cannot be had; nil where they can.
    static var obstacle: String? {
        let descriptor = chost_counter_open(events[0])
        guard descriptor < 0 else {
            close(descriptor)
            return nil
        }
        return String(cString: strerror(-descriptor))
    }
}

private func unistdRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, target, count)
}

/// What the processor counted, outside the kernel.
package struct CountersRecord: Codable, Equatable, Sendable {
    package var cycles: Double
    package var instructions: Double
    /// Of the last cache, as the processor defines them.
    package var cacheMisses: Double

    package init(cycles: Double, instructions: Double, cacheMisses: Double) {
        (self.cycles, self.instructions, self.cacheMisses) = (cycles, instructions, cacheMisses)
    }

    enum CodingKeys: String, CodingKey {
        case cycles, instructions
        case cacheMisses = "cache_misses"
    }

    package static func + (a: CountersRecord, b: CountersRecord) -> CountersRecord {
        CountersRecord(
            cycles: a.cycles + b.cycles, instructions: a.instructions + b.instructions,
            cacheMisses: a.cacheMisses + b.cacheMisses)
    }

    package static func - (after: CountersRecord, before: CountersRecord) -> CountersRecord {
        CountersRecord(
            cycles: after.cycles - before.cycles, instructions: after.instructions - before.instructions,
            cacheMisses: after.cacheMisses - before.cacheMisses)
    }

    package func divided(by count: Int) -> CountersRecord {
        let n = Double(max(count, 1))
        return CountersRecord(cycles: cycles / n, instructions: instructions / n, cacheMisses: cacheMisses / n)
    }
}

extension Doctor {
    /// Whether cycles and cache misses can be counted; that they cannot does no harm to times.
    package static var counters: Check {
        let obstacle = HardwareCounters.obstacle
        return Check(
            "counters", .pass,
            obstacle.map { "no hardware counters (\($0)); see kernel.perf_event_paranoid" } ?? "hardware counters")
    }
}
