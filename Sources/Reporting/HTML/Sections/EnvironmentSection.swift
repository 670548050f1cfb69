import Foundation
import Measurement

/// The machine and the run, for whoever wants to repeat it.
enum EnvironmentSection {
    static func section(_ results: Results) -> Section? {
        let facts = run(results) + machine(results.environment)
        var table = Table(
            caption: "As recorded when the run began.",
            columns: [.init(title: "fact", kind: .text), .init(title: "value", kind: .wide)])
        table.rows = facts.compactMap { name, value in
            value.map { [.init("\(name)"), .init("<span class=\"id\">\($0)</span>")] }
        }
        return Section(id: "environment", title: "Machine and run", content: table.html)
    }

    private static func run(_ results: Results) -> [(String, String?)] {
        let run = results.run
        return [
            ("run", run.id), ("started", Format.minute(run.started)),
            ("took", run.finished.map { Format.duration($0.timeIntervalSince(run.started)) }),
            ("command", run.command?.joined(separator: " ")), ("seed", run.seed.map { "\($0)" }),
            ("order of the samples", run.order), ("harness", run.harnessVersion),
            ("commit", run.git.map { $0.commit + ($0.dirty ? ", with changes" : "") }),
        ]
    }

    private static func machine(_ environment: EnvironmentRecord) -> [(String, String?)] {
        let cpu = environment.cpu
        let cores = "\(cpu.cores) logical" + (cpu.physicalCores.map { ", \($0) physical" } ?? "")
        let caches = (cpu.caches ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \(Format.bytes($0.value))" }
        func state(_ value: Bool?) -> String? { value.map { $0 ? "on" : "off" } }
        func hertz(_ value: Double?) -> String? { value.map { Format.digits($0 / 1e9) + " GHz" } }
        return [
            ("processor", cpu.model), ("cores", cores), ("kernels", cpu.isa),
            ("caches", caches.isEmpty ? nil : caches.joined(separator: ", ")),
            ("vector extensions", cpu.flags?.joined(separator: " ")), ("microcode", cpu.microcode),
            ("clock", hertz(environment.frequency?.current)), ("highest clock", hertz(environment.frequency?.maximum)),
            ("governor", environment.governor), ("turbo", state(environment.turbo)), ("SMT", state(environment.smt)),
            ("memory", environment.memoryBytes.map(Format.bytes)),
            ("operating system", environment.os), ("kernel", environment.kernel),
            ("hypervisor", environment.hypervisor), ("container", environment.container),
            ("processors allowed", environment.cgroupCPUs.map(Format.digits)),
            ("memory allowed", environment.cgroupMemoryBytes.map(Format.bytes)), ("swift", environment.swift),
            ("OpenBLAS", environment.openblas.map { "\($0.version), \($0.core)" }),
            ("load average", environment.loadAverage?.map(Format.digits).joined(separator: ", ")),
            ("steal", environment.steal.map(Format.percent)),
            ("address randomization", environment.aslr.map { "\($0)" }),
            ("huge pages", environment.transparentHugePages),
        ]
    }
}
