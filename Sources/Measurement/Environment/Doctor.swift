import Foundation

/// Judges whether a machine is fit to measure on.
package enum Doctor {
    package struct Check: Codable, Equatable, Sendable {
        package enum Status: String, Codable, Sendable { case pass, warn, fail }

        /// Stable, for scripts.
        package var code: String
        package var status: Status
        /// What was found, a sentence without a full stop.
        package var finding: String
        /// What to do about it; nil when all is well.
        package var advice: String?

        package init(_ code: String, _ status: Status, _ finding: String, advice: String? = nil) {
            self.code = code
            self.status = status
            self.finding = finding
            self.advice = status == .pass ? nil : advice
        }
    }

    /// All checks of what the environment says.
    package static func checks(_ environment: EnvironmentRecord) -> [Check] {
        [
            build, cores(environment), affinity(environment), instructions(environment), governor(environment),
            turbo(environment), siblings(environment), virtual(environment), load(environment),
            pressure(environment), steal(environment), quota(environment), memory(environment), heat(environment),
            clockSource(environment), addresses(environment),
        ].compactMap { $0 }
    }

    /// The findings that are not well, as a results file keeps them.
    package static func warnings(_ environment: EnvironmentRecord) -> [String] {
        checks(environment).filter { $0.status != .pass }.map { "\($0.code): \($0.finding)" }
    }

    private static var build: Check {
        #if DEBUG
        Check("build", .fail, "the program was built for debugging", advice: "build with -c release")
        #else
        Check("build", .pass, "the program was built for release")
        #endif
    }

    private static func cores(_ environment: EnvironmentRecord) -> Check {
        let cores = environment.cpu.cores
        return cores > 1
            ? Check("cores", .pass, "\(cores) cores")
            : Check("cores", .warn, "one core is shared with everything else", advice: "use a machine with more cores")
    }

    private static func affinity(_ environment: EnvironmentRecord) -> Check? {
        let cores = environment.cpu.cores
        guard let online = environment.cpu.online else { return nil }
        return Check(
            "affinity", cores >= online ? .pass : .warn,
            cores >= online
                ? "every processor may be used; --pin confines cases to some"
                : "only \(cores) of \(online) processors may be used",
            advice: "use at most \(cores) threads, or see taskset and the control group's cpuset")
    }

    private static func instructions(_ environment: EnvironmentRecord) -> Check? {
        guard let isa = environment.cpu.isa else { return nil }
        let slow = ["x86-64", "x86-64-v2"].contains(isa)
        return Check(
            "isa", slow ? .warn : .pass, "kernels for \(isa)",
            advice: "results hold for this instruction set alone; most servers have x86-64-v3 or more")
    }

    private static func governor(_ environment: EnvironmentRecord) -> Check {
        guard let governor = environment.governor else {
            return Check("governor", .pass, "the clock rate is not governed from here")
        }
        return Check(
            "governor", governor == "performance" ? .pass : .warn, "the frequency governor is \(governor)",
            advice: "cpupower frequency-set -g performance")
    }

    private static func turbo(_ environment: EnvironmentRecord) -> Check? {
        guard let turbo = environment.turbo else { return nil }
        return Check(
            "turbo", turbo ? .warn : .pass, "turbo is \(turbo ? "on: the clock rate depends on heat and load" : "off")",
            advice:
                "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 > /sys/devices/system/cpu/cpufreq/boost")
    }

    private static func siblings(_ environment: EnvironmentRecord) -> Check? {
        guard let smt = environment.smt else { return nil }
        return Check(
            "smt", smt ? .warn : .pass, smt ? "two hardware threads share a core" : "every processor is a whole core",
            advice: "use at most as many threads as cores, or echo off > /sys/devices/system/cpu/smt/control")
    }

    private static func virtual(_ environment: EnvironmentRecord) -> Check {
        guard let hypervisor = environment.hypervisor else { return Check("virtual", .pass, "no hypervisor") }
        return Check(
            "virtual", .warn, "a virtual machine (\(hypervisor)): its neighbours are not seen, only felt",
            advice: "compare interleaved runs only, or use a machine of your own")
    }

    private static func load(_ environment: EnvironmentRecord) -> Check? {
        guard let load = environment.loadAverage?.first else { return nil }
        let share = load / Double(environment.cpu.cores)
        return Check(
            "load", share < 0.25 ? .pass : share < 0.75 ? .warn : .fail,
            "\(Format.decimal(load, places: 2)) tasks were running or waiting on \(environment.cpu.cores) cores in the last minute",
            advice: "stop what else runs, and wait a minute")
    }

    private static func pressure(_ environment: EnvironmentRecord) -> Check? {
        guard let (resource, share) = environment.pressure?.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
            return nil
        }
        return Check(
            "pressure", share < 0.05 ? .pass : share < 0.25 ? .warn : .fail,
            "tasks waited for \(resource) during \(Format.percent(share)) of the last 10 s",
            advice: "stop what else runs on this machine")
    }

    private static func steal(_ environment: EnvironmentRecord) -> Check? {
        guard let steal = environment.steal else { return nil }
        return Check(
            "steal", steal < 0.01 ? .pass : steal < 0.05 ? .warn : .fail,
            "the hypervisor kept \(Format.percent(steal)) of the processors' time for others since boot",
            advice: "use a machine that is not overbooked")
    }

    private static func quota(_ environment: EnvironmentRecord) -> Check? {
        guard let quota = environment.cgroupCPUs else { return nil }
        let enough = quota >= Double(environment.cpu.cores)
        return Check(
            "quota", enough ? .pass : .warn,
            "the control group may use \(Format.decimal(quota, places: 2)) cores' worth of time",
            advice: "a process that uses more is stopped for a while: use fewer threads, or lift the limit")
    }

    private static func memory(_ environment: EnvironmentRecord) -> Check? {
        guard let available = environment.memoryAvailableBytes ?? environment.memoryBytes else { return nil }
        let usable = min(available, environment.cgroupMemoryBytes ?? .max)
        return Check(
            "memory", usable >= 2 << 30 ? .pass : .warn,
            "\(Format.decimal(Double(usable) / Double(1 << 30), places: 2)) GiB of memory to use",
            advice: "large networks may not fit, or swap")
    }

    private static func heat(_ environment: EnvironmentRecord) -> Check? {
        guard let count = environment.thermalThrottles else { return nil }
        return Check(
            "heat", count == 0 ? .pass : .warn, "the processor slowed down for heat \(count) times since boot",
            advice: "see to the cooling")
    }

    private static func clockSource(_ environment: EnvironmentRecord) -> Check? {
        guard let source = environment.clockSource else { return nil }
        let fast = ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"].contains(source)
        return Check(
            "clock_source", fast ? .pass : .warn, "the kernel's clock is \(source)",
            advice:
                "reading it enters the kernel, which takes about a microsecond; boot with clocksource=tsc if it is stable"
        )
    }

    private static func addresses(_ environment: EnvironmentRecord) -> Check? {
        guard let aslr = environment.aslr else { return nil }
        return Check(
            "placement", aslr > 0 ? .pass : .warn,
            aslr > 0
                ? "every process has its memory elsewhere"
                : "every process has its memory at the same addresses, so that their luck looks like speed",
            advice: "echo 2 > /proc/sys/kernel/randomize_va_space")
    }
}
