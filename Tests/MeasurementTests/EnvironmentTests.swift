import Foundation
import Measurement
import Testing

@Suite struct EnvironmentTests {
    /// A machine as its files, by path.
    static let files: [String: String] = [
        "/proc/cpuinfo": """
        processor\t: 0
        vendor_id\t: GenuineIntel
        cpu family\t: 6
        model\t\t: 85
        model name\t: Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz
        stepping\t: 4
        microcode\t: 0x2007006
        cpu MHz\t\t: 2400.500
        physical id\t: 0
        core id\t\t: 0
        flags\t\t: fpu sse4_2 avx avx2 fma hypervisor avx512f

        processor\t: 1
        model name\t: Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz
        physical id\t: 0
        core id\t\t: 0

        """,
        "/proc/meminfo": "MemTotal:        8000000 kB\nMemFree:  100 kB\nMemAvailable:    4000000 kB\n",
        "/etc/os-release": "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n",
        "/proc/sys/kernel/osrelease": "6.12.0-1-amd64\n",
        "/proc/sys/kernel/randomize_va_space": "2\n",
        "/proc/loadavg": "1.50 0.75 0.25 2/345 6789\n",
        "/proc/stat": "cpu  600 0 200 150 20 0 0 30 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n",
        "/proc/pressure/cpu": "some avg10=12.50 avg60=1.00 avg300=0.00 total=5\n",
        "/proc/pressure/memory":
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0 avg300=0 total=0\n",
        "/proc/self/cgroup": "0::/user.slice/job\n",
        "/sys/fs/cgroup/user.slice/job/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
        "/sys/fs/cgroup/user.slice/memory.max": "1073741824\n",
        "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
        "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "3700000\n",
        "/sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
        "/sys/devices/system/cpu/smt/active": "1\n",
        "/sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
        "/sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
        "/sys/devices/system/cpu/cpu0/cache/index0/size": "32K\n",
        "/sys/devices/system/cpu/cpu0/cache/index1/level": "3\n",
        "/sys/devices/system/cpu/cpu0/cache/index1/type": "Unified\n",
        "/sys/devices/system/cpu/cpu0/cache/index1/size": "27M\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n",
        "/sys/class/dmi/id/sys_vendor": "QEMU\n",
        "/.dockerenv": "",
    ]

    @Test func readsAMachine() {
        let machine = LinuxEnvironment.collect(cores: 2) { Self.files[$0] }
        #expect(machine.cpu.model == "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz")
        #expect((machine.cpu.family, machine.cpu.modelNumber, machine.cpu.stepping) == (6, 85, 4))
        #expect((machine.cpu.vendor, machine.cpu.microcode) == ("GenuineIntel", "0x2007006"))
        #expect(machine.cpu.flags == ["avx", "avx2", "avx512f", "fma", "sse4_2"])
        #expect((machine.cpu.cores, machine.cpu.online, machine.cpu.physicalCores) == (2, 2, 1))
        #expect(machine.cpu.caches == ["L1d": 32 << 10, "L3": 27 << 20])
        #expect((machine.memoryBytes, machine.memoryAvailableBytes) == (8_192_000_000, 4_096_000_000))
        #expect((machine.os, machine.kernel) == ("Debian GNU/Linux 13 (trixie)", "Linux 6.12.0-1-amd64"))
        #expect((machine.governor, machine.turbo, machine.smt, machine.aslr) == ("powersave", true, true, 2))
        #expect(machine.frequency == FrequencyRecord(current: 2_400_500_000, minimum: nil, maximum: 3_700_000_000))
        #expect(machine.loadAverage == [1.5, 0.75, 0.25])
        #expect(machine.steal == 0.03)
        #expect(machine.pressure == ["cpu": 0.125, "memory": 0])
        #expect((machine.cgroupCPUs, machine.cgroupMemoryBytes) == (1.5, 1 << 30))
        #expect((machine.hypervisor, machine.container) == ("QEMU", "docker"))
        #expect((machine.transparentHugePages, machine.clockSource) == ("madvise", "hpet"))
    }

    @Test func findsWhatIsWrongWithIt() {
        let machine = LinuxEnvironment.collect(cores: 2) { Self.files[$0] }
        let checks = Dictionary(uniqueKeysWithValues: Doctor.checks(machine).map { ($0.code, $0) })
        for code in ["governor", "turbo", "smt", "virtual", "steal", "quota", "memory", "clock_source", "pressure"] {
            #expect(checks[code]?.status == .warn, "\(code)")
            #expect(checks[code]?.advice != nil, "\(code)")
        }
        #expect(checks["load"]?.status == .fail)
        #expect(checks["affinity"]?.status == .pass && checks["placement"]?.status == .pass)
        #expect(checks["cores"]?.status == .pass && checks["cores"]?.advice == nil)
        #expect(Doctor.warnings(machine).contains("governor: the frequency governor is powersave"))
    }

    @Test func seesWhereProcessesAreKeptFrom() {
        var files = Self.files
        files["/proc/self/status"] = "Name:\tharness\nCpus_allowed_list:\t1\n"
        files["/proc/sys/kernel/randomize_va_space"] = "0\n"
        let confined = files
        let machine = LinuxEnvironment.collect(cores: 2) { confined[$0] }
        #expect((machine.cpu.cores, machine.cpu.online) == (1, 2))
        let checks = Dictionary(uniqueKeysWithValues: Doctor.checks(machine).map { ($0.code, $0) })
        #expect(checks["affinity"]?.status == .warn && checks["placement"]?.status == .warn)
        #expect(ProcText.processors("0-3,6") == 5)
        for wrong in ["", "x", "3-1", "0-", "-1", "1-2-3", "99999999999999999999", "0-9999999999"] {
            #expect(ProcText.processors(wrong) == nil, "\(wrong)")
        }
    }

    @Test func readsTheUseOfAnotherProcess() throws {
        let fields = "S 1 2 3 0 -1 4194304 700 0 5 0 250 50 0 0 20 0 4 0"
        let usage = try #require(ProcText.usage(stat: "123 (a) (b) \(fields)\n"))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect((usage.userSeconds, usage.systemSeconds) == (250 / ticks, 50 / ticks))
        #expect((usage.minorFaults, usage.majorFaults) == (700, 5))
        for wrong in ["", "123 (a", "123 (a) S 1 2", "123 (a) S 1 2 3 0 -1 4194304 x 0 5 0 250 50 0 0"] {
            #expect(ProcText.usage(stat: wrong) == nil, "\(wrong)")
        }
        #if os(Linux)
        #expect(try #require(ProcessUsage.of(getpid())).minorFaults > 0)
        #expect(ProcessUsage.of(-1) == nil)
        #endif
    }

    @Test func findsNothingWrongWithAGoodMachine() {
        var files = Self.files
        files["/proc/cpuinfo"] = files["/proc/cpuinfo"]?.replacing(" hypervisor", with: "")
        for path in ["/sys/fs/cgroup/user.slice/cpu.max", "/sys/fs/cgroup/user.slice/memory.max"] {
            files[path] = "max 1"
        }
        files["/proc/loadavg"] = "0.05 0.10 0.10 1/100 5\n"
        files["/proc/stat"] = "cpu  600 0 200 150 20 0 0 0 0 0\n"
        files["/proc/pressure/cpu"] = "some avg10=0.00 avg60=0 avg300=0 total=0\n"
        files["/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "performance\n"
        files["/sys/devices/system/cpu/intel_pstate/no_turbo"] = "1\n"
        files["/sys/devices/system/cpu/smt/active"] = "0\n"
        files["/sys/devices/system/clocksource/clocksource0/current_clocksource"] = "tsc\n"
        let good = files
        #expect(Doctor.warnings(LinuxEnvironment.collect(cores: 2) { good[$0] }) == [])
    }

    /// A machine that tells nothing, or rubbish, has an environment all the same.
    @Test func survivesMissingAndBrokenFiles() {
        let empty = LinuxEnvironment.collect(cores: 3) { _ in nil }
        #expect(empty.cpu == CPURecord(model: "unknown", cores: 3))
        for rubbish in [
            "", "\n", ":", "cpu ", "some avg10=", "0::", "-1 -1", "99999999999999999999 kB", "\u{0}:[",
            "some avg10=nan",
        ] {
            let machine = LinuxEnvironment.collect(cores: 3) { _ in rubbish }
            #expect(throws: Never.self, "\(rubbish)") {
                var results = sampleResults()
                results.environment = machine
                _ = try ResultsCoding.decode(try ResultsCoding.encode(results), file: "a")
            }
            _ = Doctor.checks(machine)
        }
    }

    @Test func readsOtherSpellings() {
        let arm = ProcText.cpu(
            "processor\t: 0\nFeatures\t: fp asimd asimddp sve\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", cores: 1)
        #expect(arm.model == "ARM implementer 0x41 part 0xd0c")
        #expect(arm.flags == ["asimd", "asimddp", "sve"])
        let first = "4:memory:/jobs/7\n1:cpu,cpuacct:/jobs/7\n"
        #expect(ProcText.controlGroup(first, controller: "cpu") == "/jobs/7")
        #expect(ProcText.controlGroup(first) == nil)
        let machine = LinuxEnvironment.collect(cores: 4) { path in
            switch path {
            case "/proc/self/cgroup": first
            case "/sys/fs/cgroup/cpu/jobs/cpu.cfs_quota_us": "200000\n"
            case "/sys/fs/cgroup/cpu/jobs/7/cpu.cfs_quota_us": "-1\n"
            case "/sys/fs/cgroup/cpu/jobs/cpu.cfs_period_us", "/sys/fs/cgroup/cpu/jobs/7/cpu.cfs_period_us": "100000\n"
            case "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"
            case "/proc/meminfo": "MemTotal: 8000 kB\n"
            default: nil
            }
        }
        #expect(machine.cgroupCPUs == 2)
        #expect(machine.cgroupMemoryBytes == nil)
    }

    @Test func measuresStolenTimeBetweenReadings() throws {
        let before = try #require(ProcessorTimes("cpu  100 0 0 100 0 0 0 10 0 0\n"))
        let after = try #require(ProcessorTimes("cpu  150 0 0 130 0 0 0 30 5 0\n"))
        #expect(after.stolen(since: before) == 0.2)
        #expect(before.stolen(since: before) == 0)
        #expect(ProcessorTimes("cpu 1 2") == nil)
    }

    @Test func describesThisMachine() {
        let machine = EnvironmentRecord.current()
        #expect(machine.cpu.model != "unknown")
        #expect(machine.cpu.cores >= 1)
        #expect((machine.memoryBytes ?? 0) > 1 << 20)
        #expect(machine.kernel != nil && machine.os != nil)
        let probes = TimingProbe.checks(seconds: 0.05)
        #expect(probes.map(\.code) == ["clock", "overhead", "evenness"])
    }
}
