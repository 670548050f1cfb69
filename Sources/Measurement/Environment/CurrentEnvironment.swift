import Foundation

extension EnvironmentRecord {
    /// This machine, now. Facts of the build (`swift`, `cpu.isa`, `openblas`) are for the caller to add; `warnings` are
    /// those of `Doctor`, to be asked again once they are.
    package static func current() -> EnvironmentRecord {
        #if os(Linux)
        var environment = LinuxEnvironment.collect(
            cores: ProcessInfo.processInfo.activeProcessorCount, read: SystemFile.read)
        #else
        var environment = darwin()
        #endif
        environment.architecture = architectureName
        environment.warnings = Doctor.warnings(environment)
        return environment
    }

    private static var architectureName: String {
        #if arch(x86_64)
        "x86_64"
        #elseif arch(arm64)
        "arm64"
        #else
        "other"
        #endif
    }

    #if !os(Linux)
    private static func darwin() -> EnvironmentRecord {
        let process = ProcessInfo.processInfo
        var environment = EnvironmentRecord(
            cpu: CPURecord(
                model: systemText("machdep.cpu.brand_string") ?? "unknown", cores: process.activeProcessorCount))
        environment.cpu.online = systemInteger("hw.logicalcpu")
        environment.cpu.physicalCores = systemInteger("hw.physicalcpu")
        environment.cpu.caches = [
            "L1d": "hw.l1dcachesize", "L1i": "hw.l1icachesize", "L2": "hw.l2cachesize", "L3": "hw.l3cachesize",
        ].compactMapValues(systemInteger)
        environment.memoryBytes = systemInteger("hw.memsize")
        environment.os = "macOS \(process.operatingSystemVersionString)"
        environment.kernel = systemText("kern.osrelease").map { "Darwin \($0)" }
        var loads = [Double](repeating: 0, count: 3)
        if getloadavg(&loads, 3) == 3 { environment.loadAverage = loads }
        return environment
    }

    private static func systemText(_ name: String) -> String? {
        var size = 0
        guard sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        guard sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func systemInteger(_ name: String) -> Int? {
        var value: Int64 = 0
        var size = MemoryLayout<Int64>.size
        guard sysctlbyname(name, &value, &size, nil, 0) == 0 else { return nil }
        return Int(value)
    }
    #endif
}
