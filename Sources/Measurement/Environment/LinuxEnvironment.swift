import Foundation

/// What Linux tells about the machine.
package enum LinuxEnvironment {
    /// - Parameters:
    ///   - cores: logical processors, of which this process may be confined to some.
    ///   - read: a file's text, nil when there is none; tests give their own.
    package static func collect(cores: Int, read: (String) -> String?) -> EnvironmentRecord {
        func line(_ path: String) -> String? {
            read(path).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        }
        func integer(_ path: String) -> Int? { line(path).flatMap { Int($0) } }

        let cpuinfo = read("/proc/cpuinfo") ?? ""
        let allowed = read("/proc/self/status").flatMap { ProcText.value(of: "Cpus_allowed_list", in: $0) }
            .flatMap(ProcText.processors)
        var environment = EnvironmentRecord(cpu: ProcText.cpu(cpuinfo, cores: min(cores, allowed ?? cores)))
        environment.cpu.caches = caches(line)

        let meminfo = read("/proc/meminfo") ?? ""
        environment.memoryBytes = ProcText.kilobytes(of: "MemTotal", in: meminfo)
        environment.memoryAvailableBytes = ProcText.kilobytes(of: "MemAvailable", in: meminfo)
        environment.os = read("/etc/os-release").flatMap { ProcText.value(of: "PRETTY_NAME", in: $0, separator: "=") }
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"'")) }
        environment.kernel = line("/proc/sys/kernel/osrelease").map { "Linux \($0)" }

        let frequency = "/sys/devices/system/cpu/cpu0/cpufreq/"
        environment.governor = line(frequency + "scaling_governor")
        environment.turbo =
            integer("/sys/devices/system/cpu/intel_pstate/no_turbo").map { $0 == 0 }
            ?? integer("/sys/devices/system/cpu/cpufreq/boost").map { $0 == 1 }
        environment.frequency = FrequencyRecord(
            current: ProcText.value(of: "cpu MHz", in: cpuinfo).flatMap { Double($0) }.map { $0 * 1e6 },
            minimum: integer(frequency + "cpuinfo_min_freq").map { Double($0) * 1e3 },
            maximum: integer(frequency + "cpuinfo_max_freq").map { Double($0) * 1e3 })
        environment.smt = integer("/sys/devices/system/cpu/smt/active").map { $0 == 1 }
        environment.aslr = integer("/proc/sys/kernel/randomize_va_space")
        environment.clockSource = line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        environment.thermalThrottles = integer("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count")
        environment.transparentHugePages =
            read("/sys/kernel/mm/transparent_hugepage/enabled").flatMap(ProcText.selected)

        environment.loadAverage = read("/proc/loadavg").flatMap(ProcText.loadAverage)
        environment.steal = read("/proc/stat").flatMap { ProcessorTimes($0) }?.stolen
        let pressure = Dictionary(uniqueKeysWithValues: ["cpu", "io", "memory"].map { ($0, "/proc/pressure/\($0)") })
            .compactMapValues { read($0).flatMap(ProcText.pressure) }
        environment.pressure = pressure.isEmpty ? nil : pressure

        let groups = read("/proc/self/cgroup") ?? ""
        environment.cgroupCPUs = cpuLimit(groups, read)
        environment.cgroupMemoryBytes = memoryLimit(groups, line, total: environment.memoryBytes)
        if ProcText.isVirtual(cpuinfo: cpuinfo) {
            environment.hypervisor =
                line("/sys/hypervisor/type") ?? line("/sys/class/dmi/id/sys_vendor") ?? "unknown"
        }
        environment.container = container(read)
        return environment
    }

    private static func caches(_ line: (String) -> String?) -> [String: Int]? {
        var caches: [String: Int] = [:]
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
            guard let level = line(folder + "level"), let type = line(folder + "type"),
                let size = line(folder + "size").flatMap(ProcText.cacheSize)
            else { break }
            caches["L\(level)" + (type == "Data" ? "d" : type == "Instruction" ? "i" : "")] = size
        }
        return caches.isEmpty ? nil : caches
    }

    /// The smallest limit of the group and those above it; in a container the group's path may not exist inside.
    private static func cpuLimit(_ groups: String, _ read: (String) -> String?) -> Double? {
        let unified = ancestors(ProcText.controlGroup(groups)).compactMap { path in
            read("/sys/fs/cgroup\(path)/cpu.max").flatMap(ProcText.quota)
        }
        let first = ancestors(ProcText.controlGroup(groups, controller: "cpu")).compactMap { path -> Double? in
            guard let quota = read("/sys/fs/cgroup/cpu\(path)/cpu.cfs_quota_us"),
                let period = read("/sys/fs/cgroup/cpu\(path)/cpu.cfs_period_us")
            else { return nil }
            return ProcText.quota(cpuMax: "\(quota) \(period)")
        }
        return (unified + first).min()
    }

    private static func memoryLimit(_ groups: String, _ line: (String) -> String?, total: Int?) -> Int? {
        let unified = ancestors(ProcText.controlGroup(groups)).map { "/sys/fs/cgroup\($0)/memory.max" }
        let first = ancestors(ProcText.controlGroup(groups, controller: "memory"))
            .map { "/sys/fs/cgroup/memory\($0)/memory.limit_in_bytes" }
        // Without a limit the first version says a number beyond any memory.
        return (unified + first).compactMap { line($0).flatMap { Int($0) } }.filter { $0 < total ?? .max }.min()
    }

    /// `/a/b` gives `/a/b`, `/a` and the root, an empty path.
    private static func ancestors(_ path: String?) -> [String] {
        guard let path else { return [] }
        let parts = path.split(separator: "/").filter { $0 != ".." }
        return (0...parts.count).reversed().map { parts[..<$0].map { "/" + $0 }.joined() }
    }

    private static func container(_ read: (String) -> String?) -> String? {
        if read("/run/.containerenv") != nil { return "podman" }
        if read("/.dockerenv") != nil { return "docker" }
        let first = read("/proc/1/cgroup") ?? ""
        return ["kubepods", "docker", "lxc"].first { first.contains($0) }
    }
}
