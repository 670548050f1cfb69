/// The machine and its state when the run began. What a machine does not tell is null or left out.
package struct EnvironmentRecord: Codable, Equatable, Sendable {
    package var cpu: CPURecord
    @Nullable package var memoryBytes: Int?
    @Nullable package var os: String?
    @Nullable package var kernel: String?
    /// Version of the compiler that built the program.
    @Nullable package var swift: String?
    @Nullable package var openblas: OpenBLASRecord?
    /// Frequency governor of the first core.
    @Nullable package var governor: String?
    /// Over 1, 5 and 15 minutes.
    @Nullable package var loadAverage: [Double]?
    /// Reasons to doubt the measurements, each `code: sentence`.
    package var warnings: [String]

    package var hostname: String?
    package var architecture: String?
    /// Whether the clock rate may rise above its nominal value.
    package var turbo: Bool?
    /// Whether two hardware threads share a core.
    package var smt: Bool?
    /// Kernel's address space randomization, 0 (off) to 2.
    package var aslr: Int?
    /// Cores' worth of time that the control group may use; absent without a limit.
    package var cgroupCPUs: Double?
    package var cgroupMemoryBytes: Int?
    /// Fraction of the processors' time that the hypervisor kept for others since boot.
    package var steal: Double?
    /// Fraction of the last 10 s in which some task waited, by resource: `cpu`, `io`, `memory`.
    package var pressure: [String: Double]?
    package var hypervisor: String?
    package var container: String?
    /// Hertz.
    package var frequency: FrequencyRecord?
    package var transparentHugePages: String?

    package init(cpu: CPURecord) {
        self.cpu = cpu
        warnings = []
    }

    enum CodingKeys: String, CodingKey {
        case cpu, os, kernel, swift, openblas, governor, warnings, hostname, architecture, turbo, smt, aslr
        case steal, pressure, hypervisor, container, frequency
        case memoryBytes = "memory_bytes"
        case loadAverage = "load_average"
        case cgroupCPUs = "cgroup_cpus"
        case cgroupMemoryBytes = "cgroup_memory_bytes"
        case transparentHugePages = "transparent_huge_pages"
    }
}

package struct CPURecord: Codable, Equatable, Sendable {
    package var model: String
    /// Logical processors that this process may run on.
    package var cores: Int
    /// The instruction set that the kernels were built for, such as `x86-64-v3`; told by the caller.
    @Nullable package var isa: String?
    package var vendor: String?
    package var family: Int?
    package var modelNumber: Int?
    package var stepping: Int?
    package var microcode: String?
    /// The vector and matrix extensions among the processor's flags.
    package var flags: [String]?
    package var online: Int?
    package var physicalCores: Int?
    /// Name (`L1d`, `L1i`, `L2`, `L3`) to bytes.
    package var caches: [String: Int]?

    package init(model: String, cores: Int) {
        self.model = model
        self.cores = cores
    }

    enum CodingKeys: String, CodingKey {
        case model, cores, isa, vendor, family, stepping, microcode, flags, online, caches
        case modelNumber = "model_number"
        case physicalCores = "physical_cores"
    }
}

package struct OpenBLASRecord: Codable, Equatable, Sendable {
    package var version: String
    /// The kernel set that it chose, which its results depend on.
    package var core: String

    package init(version: String, core: String) {
        self.version = version
        self.core = core
    }
}

package struct FrequencyRecord: Codable, Equatable, Sendable {
    package var current: Double?
    package var minimum: Double?
    package var maximum: Double?

    package init(current: Double?, minimum: Double?, maximum: Double?) {
        self.current = current
        self.minimum = minimum
        self.maximum = maximum
    }
}
