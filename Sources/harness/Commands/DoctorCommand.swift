import ArgumentParser
import Foundation
import Kernels
import Measurement
import Reporting

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say whether this machine is fit to measure on, and why not.",
        discussion: "EXAMPLE\n  harness doctor")

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        var environment = EnvironmentRecord.current()
        environment.cpu.isa = ISA.best.rawValue
        let checks =
            Doctor.checks(environment) + TimingProbe.checks()
            + [ParallelProbe.check(cores: environment.cpu.cores), Doctor.counters].compactMap(\.self)
        if json { return try Terminal.json(checks) }
        var table = TextTable(header: ["", "check", "finding"], leading: [1, 2])
        for check in checks { table.add([check.status.rawValue, check.code, check.finding]) }
        Terminal.print(table.text)
        for check in checks where check.status != .pass {
            if let advice = check.advice { Terminal.print("\n\(check.code): \(advice)") }
        }
    }
}
