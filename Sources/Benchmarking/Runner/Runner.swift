import Foundation
import Kernels
import Measurement

/// Runs a suite: a fresh process per case and block, blocks of all cases interleaved in a seeded random order.
package struct Runner: Sendable {
    private let locations: Locations
    private let options: RunOptions
    private let version: String
    private let executable: String

    package init(locations: Locations, options: RunOptions, version: String) throws {
        guard let executable = Bundle.main.executablePath else {
            throw ConfigurationError.inaccessible(file: "harness", reason: "the executable's own path is unknown")
        }
        (self.locations, self.options, self.version, self.executable) = (locations, options, version, executable)
    }

    /// Never fails as a whole: a case that cannot be run carries its error. Cancelling the task ends the run early with
    /// what was finished.
    package func run(
        _ suite: Suite, cases: [SuiteCase], progress: @Sendable (RunProgress) -> Void
    ) async -> Results {
        var run = RunRecord(
            id: ResultsStore.newRunID(), suite: suite.name, started: Date(), command: CommandLine.arguments,
            seed: options.seed, harnessVersion: version)
        run.order = "interleaved"
        run.git = Git.state()
        var states = cases.map(CaseState.init)
        let workspace = Workspace()
        defer { workspace.remove() }
        let block = BlockRunner(
            executable: executable, locations: locations, options: options, workspace: workspace,
            tuning: .init(cpu: EnvironmentRecord.current().cpu.model, version: version))
        prepare(&states, progress: progress)
        let start = Date()
        let schedule = Schedule.blocks(cases: cases.count, blocks: options.blocks, seed: options.seed)
        for (done, index) in schedule.enumerated() where !Task.isCancelled && states[index].error == nil {
            progress(
                RunProgress(
                    done: done, total: schedule.count, current: cases[index].id,
                    elapsed: Date().timeIntervalSince(start)))
            do {
                try await block.run(&states[index])
            } catch is CancellationError {
                break
            } catch {
                states[index].error = Task.isCancelled ? nil : String(describing: error)
            }
        }
        run.finished = Date()
        if Task.isCancelled {
            run.interrupted = true
            states.removeAll { $0.blocks.isEmpty && $0.error == nil }
        }
        return Results(run: run, environment: environment(), cases: records(states))
    }

    /// Makes the compressed networks that cases ask for.
    private func prepare(_ states: inout [CaseState], progress: (RunProgress) -> Void) {
        let start = Date()
        for index in states.indices where !Task.isCancelled {
            let spec = states[index].spec
            guard let settings = spec.compression else { continue }
            progress(
                RunProgress(
                    done: 0, total: states.count, current: "compressing \(spec.id)",
                    elapsed: Date().timeIntervalSince(start)))
            do {
                states[index].model = try CompressedModels.path(
                    spec.model, settings, models: locations.models, seed: options.seed, folder: TuningCache.folder)
            } catch {
                states[index].error = Task.isCancelled ? nil : String(describing: error)
            }
        }
    }

    private func environment() -> EnvironmentRecord {
        var environment = EnvironmentRecord.current()
        environment.cpu.isa = options.isa.rawValue
        environment.swift = Build.swiftVersion
        environment.openblas = OpenBLASRecord(version: OpenBLAS.version, core: OpenBLAS.core)
        environment.warnings = Doctor.warnings(environment)
        return environment
    }

    private func records(_ states: [CaseState]) -> [CaseRecord] {
        states.map { state in
            state.record(
                options: options, nativeMedian: state.spec.engine == "native" ? nil : native(of: state, in: states),
                agreement: state.agreement(with: states))
        }
    }

    /// The native engine's median on the same case.
    private func native(of state: CaseState, in states: [CaseState]) -> Double? {
        let base = state.spec.id.replacingOccurrences(of: "@\(state.spec.engine)", with: "")
        let native = states.first { $0.spec.engine == "native" && $0.spec.id == base }
        guard let samples = native?.blocks.flatMap(\.samples), !samples.isEmpty else { return nil }
        return samples.median
    }
}
