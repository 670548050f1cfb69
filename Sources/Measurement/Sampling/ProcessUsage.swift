import Foundation

/// RUSAGE_SELF, which glibc and Darwin import with different types.
private let ownProcess: Int32 = 0

/// What this process has used of the machine since it started.
package struct ProcessUsage: Codable, Equatable, Sendable {
    package var userSeconds: Double
    package var systemSeconds: Double
    package var minorFaults: Int
    package var majorFaults: Int
    package var contextSwitches: ContextSwitchesRecord

    package static func current() -> ProcessUsage {
        var usage = rusage()
        getrusage(ownProcess, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessUsage(
            userSeconds: seconds(usage.ru_utime), systemSeconds: seconds(usage.ru_stime),
            minorFaults: usage.ru_minflt, majorFaults: usage.ru_majflt,
            contextSwitches: ContextSwitchesRecord(voluntary: usage.ru_nvcsw, involuntary: usage.ru_nivcsw))
    }

    #if os(Linux)
    /// What another process has used, its threads that have ended included except for their context switches; nil where
    /// it is not there.
    package static func of(_ process: Int32) -> ProcessUsage? {
        let folder = "/proc/\(process)"
        guard let stat = SystemFile.read(folder + "/stat"), var usage = ProcText.usage(stat: stat) else { return nil }
        for task in (try? FileManager.default.contentsOfDirectory(atPath: folder + "/task")) ?? [] {
            guard let status = SystemFile.read("\(folder)/task/\(task)/status") else { continue }
            func count(_ key: String) -> Int { ProcText.value(of: key, in: status).flatMap { Int($0) } ?? 0 }
            usage.contextSwitches.voluntary += count("voluntary_ctxt_switches")
            usage.contextSwitches.involuntary += count("nonvoluntary_ctxt_switches")
        }
        return usage
    }
    #else
    package static func of(_ process: Int32) -> ProcessUsage? { nil }
    #endif

    package var cpuSeconds: Double { userSeconds + systemSeconds }

    package static func + (a: ProcessUsage, b: ProcessUsage) -> ProcessUsage {
        ProcessUsage(
            userSeconds: a.userSeconds + b.userSeconds, systemSeconds: a.systemSeconds + b.systemSeconds,
            minorFaults: a.minorFaults + b.minorFaults, majorFaults: a.majorFaults + b.majorFaults,
            contextSwitches: ContextSwitchesRecord(
                voluntary: a.contextSwitches.voluntary + b.contextSwitches.voluntary,
                involuntary: a.contextSwitches.involuntary + b.contextSwitches.involuntary))
    }

    /// What was used between two readings.
    package static func - (after: ProcessUsage, before: ProcessUsage) -> ProcessUsage {
        ProcessUsage(
            userSeconds: after.userSeconds - before.userSeconds,
            systemSeconds: after.systemSeconds - before.systemSeconds,
            minorFaults: after.minorFaults - before.minorFaults, majorFaults: after.majorFaults - before.majorFaults,
            contextSwitches: ContextSwitchesRecord(
                voluntary: after.contextSwitches.voluntary - before.contextSwitches.voluntary,
                involuntary: after.contextSwitches.involuntary - before.contextSwitches.involuntary))
    }
}

/// This process's resident memory, in bytes.
package enum ProcessMemory {
    /// Nil where the system does not tell.
    package static func resident() -> Int? {
        #if os(Linux)
        return status("VmRSS")
        #else
        return nil
        #endif
    }

    /// The highest since the process started, or since `resetPeak` where that works.
    package static func peak() -> Int? {
        #if os(Linux)
        return status("VmHWM")
        #else
        var usage = rusage()
        // Bytes here, unlike on Linux.
        return getrusage(ownProcess, &usage) == 0 ? usage.ru_maxrss : nil
        #endif
    }

    /// The highest of another process so far; nil where the system does not tell.
    package static func peak(of process: Int32) -> Int? {
        #if os(Linux)
        return SystemFile.read("/proc/\(process)/status").flatMap { ProcText.kilobytes(of: "VmHWM", in: $0) }
        #else
        return nil
        #endif
    }

    /// Lowers the peak to what is resident now, so that a phase can be measured on its own; false where that is not
    /// allowed or does not exist.
    package static func resetPeak() -> Bool {
        #if os(Linux)
        let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return write(file, "5", 1) == 1
        #else
        return false
        #endif
    }

    #if os(Linux)
    private static func status(_ key: String) -> Int? {
        SystemFile.read("/proc/self/status").flatMap { ProcText.kilobytes(of: key, in: $0) }
    }
    #endif
}
