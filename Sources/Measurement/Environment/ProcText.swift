import Foundation

/// Facts from the text of Linux's /proc and /sys files. Pure functions; nil where the text does not have the fact.
package enum ProcText {
    /// The value of the first `key: value` line; with another `separator`, such as `=`, of a line that has that.
    package static func value(of key: String, in text: String, separator: Character = ":") -> String? {
        for line in text.split(separator: "\n") {
            guard let at = line.firstIndex(of: separator) else { continue }
            if line[..<at].trimmingCharacters(in: .whitespaces) == key {
                return line[line.index(after: at)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    /// Bytes of a `key:  123 kB` line, as in /proc/meminfo and /proc/self/status.
    package static func kilobytes(of key: String, in text: String) -> Int? {
        guard let value = value(of: key, in: text), value.hasSuffix(" kB"), let count = Int(value.dropLast(3)) else {
            return nil
        }
        return scaled(count, by: 1_024)
    }

    /// How many processors a list such as `0-3,6` names.
    package static func processors(_ list: String) -> Int? {
        var count = 0
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                (0..<1 << 20).contains(first), (first..<1 << 20).contains(last)
            else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    /// Faults and processor time of /proc/…/stat (proc_pid_stat(5)); its context switches are in other files.
    package static func usage(stat: String) -> ProcessUsage? {
        // The name before it is in parentheses and may hold anything.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 13, let minor = Int(fields[8]), let major = Int(fields[10]), let user = Double(fields[12]),
            let system = Double(fields[13]), ticks > 0
        else { return nil }
        return ProcessUsage(
            userSeconds: user / ticks, systemSeconds: system / ticks, minorFaults: minor, majorFaults: major,
            contextSwitches: ContextSwitchesRecord(voluntary: 0, involuntary: 0))
    }

    /// Bytes of a cache's size such as `48K` or `32M`.
    package static func cacheSize(_ text: String) -> Int? {
        let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let last = text.last else { return nil }
        guard let factor = factors[last] else { return Int(text) }
        return Int(text.dropLast()).flatMap { scaled($0, by: factor) }
    }

    /// The processor of /proc/cpuinfo; ARM's says who made it instead of a name. `cores` is told by the caller.
    package static func cpu(_ text: String, cores: Int) -> CPURecord {
        let arm = value(of: "CPU implementer", in: text).map { implementer in
            "ARM implementer \(implementer) part \(value(of: "CPU part", in: text) ?? "unknown")"
        }
        var cpu = CPURecord(model: value(of: "model name", in: text) ?? arm ?? "unknown", cores: cores)
        cpu.vendor = value(of: "vendor_id", in: text)
        cpu.family = value(of: "cpu family", in: text).flatMap { Int($0) }
        cpu.modelNumber = value(of: "model", in: text).flatMap { Int($0) }
        cpu.stepping = value(of: "stepping", in: text).flatMap { Int($0) }
        cpu.microcode = value(of: "microcode", in: text)
        cpu.flags = (value(of: "flags", in: text) ?? value(of: "Features", in: text)).map(vectorExtensions)
        let processors = text.split(separator: "\n\n").filter { value(of: "processor", in: String($0)) != nil }
        cpu.online = processors.isEmpty ? nil : processors.count
        let places = processors.compactMap { processor in
            value(of: "core id", in: String(processor)).map { core in
                "\(value(of: "physical id", in: String(processor)) ?? "0") \(core)"
            }
        }
        cpu.physicalCores = places.isEmpty ? nil : Set(places).count
        return cpu
    }

    /// Hertz of the processor that runs fastest now.
    package static func highestFrequency(_ text: String) -> Double? {
        text.split(separator: "\n").filter { $0.hasPrefix("cpu MHz") }
            .compactMap { line in
                line.split(separator: ":").last.flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
            }
            .filter { $0.isFinite && $0 > 0 }.max().map { $0 * 1e6 }
    }

    /// Whether a hypervisor announces itself to the processor's user.
    package static func isVirtual(cpuinfo text: String) -> Bool {
        value(of: "flags", in: text)?.split(separator: " ").contains("hypervisor") ?? false
    }

    /// The three averages of /proc/loadavg.
    package static func loadAverage(_ text: String) -> [Double]? {
        let values = text.split(separator: " ").prefix(3).compactMap { Double($0) }
        return values.count == 3 && values.allSatisfy(\.isFinite) ? values : nil
    }

    /// The fraction of the last ten seconds in which some task waited, of a file under /proc/pressure.
    package static func pressure(_ text: String) -> Double? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("some ") }),
            let field = line.split(separator: " ").first(where: { $0.hasPrefix("avg10=") }),
            let percent = Double(field.dropFirst(6)), percent.isFinite
        else { return nil }
        return percent / 100
    }

    /// Cores' worth of time from `cpu.max` (`quota period` in microseconds, or `max period`).
    package static func quota(cpuMax text: String) -> Double? {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]), period > 0, quota > 0
        else { return nil }
        return quota / period
    }

    /// The path of this process's control group: of the unified hierarchy, or of a controller of the first version.
    package static func controlGroup(_ text: String, controller: String? = nil) -> String? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            if controller.map({ controllers.contains(Substring($0)) }) ?? fields[1].isEmpty { return String(fields[2]) }
        }
        return nil
    }

    /// The choice in brackets, as in `always [madvise] never`.
    package static func selected(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return nil }
        return String(text[text.index(after: open)..<close])
    }

    private static func vectorExtensions(_ flags: String) -> [String] {
        let names = ["ssse3", "sse4", "avx", "fma", "f16c", "amx", "asimd", "fphp", "sve", "i8mm", "bf16", "sme"]
        return flags.split(separator: " ").map(String.init).filter { flag in
            names.contains { flag.hasPrefix($0) }
        }.sorted()
    }

    private static func scaled(_ count: Int, by factor: Int) -> Int? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? nil : bytes
    }
}

/// Ticks of all processors since boot, from the first line of /proc/stat.
package struct ProcessorTimes: Equatable, Sendable {
    package let total: Double
    package let idle: Double
    /// Kept by the hypervisor for others.
    package let steal: Double

    package init?(_ text: String) {
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        // user nice system idle iowait irq softirq steal; the guest times after them are counted in user and nice.
        let fields = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard fields.count == 8 else { return nil }
        total = fields.reduce(0, +)
        idle = fields[3] + fields[4]
        steal = fields[7]
    }

    /// Now; nil where the system does not tell.
    package static func current() -> ProcessorTimes? { SystemFile.read("/proc/stat").flatMap { ProcessorTimes($0) } }

    /// The fraction of time stolen since boot.
    package var stolen: Double { total > 0 ? steal / total : 0 }

    /// The fraction of time stolen since an earlier reading.
    package func stolen(since earlier: ProcessorTimes) -> Double {
        total > earlier.total ? max(0, steal - earlier.steal) / (total - earlier.total) : 0
    }
}
