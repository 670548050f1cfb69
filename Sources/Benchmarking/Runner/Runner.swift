import Foundation
import Kernels
import Measurement

/// Runs a suite: a fresh process per case and block, blocks of all cases interleaved in a seeded random order.
package struct Runner: Sendable {
    private let locations: Locations
    private let options: RunOptions
    private let build: MeasuredBuild
    private let fineTune: FineTune

    /// - Parameter fineTune: trains the compressed networks that cases want trained.
    package init(locations: Locations, options: RunOptions, version: String, fineTune: @escaping FineTune) throws {
        (self.locations, self.options, self.fineTune) = (locations, options, fineTune)
        build = try MeasuredBuild.own(version: version)
    }

    /// Never fails as a whole: a case that cannot be run carries its error. Cancelling the task ends the run early with
    /// what was finished.
    package func run(
        _ suite: Suite, cases: [SuiteCase], progress: @Sendable (RunProgress) -> Void
    ) async -> Results {
        await run(suite, cases: cases, builds: [build], progress: progress)[0]
    }

    /// Runs another build and this one, block by block in turn.
    package func run(
        _ suite: Suite, cases: [SuiteCase], against other: MeasuredBuild, progress: @Sendable (RunProgress) -> Void
    ) async -> (baseline: Results, candidate: Results) {
        var both = await run(suite, cases: cases, builds: [other, build], progress: progress)
        both[0].run.pair = PairRecord(run: both[1].run.id, role: .baseline)
        both[1].run.pair = PairRecord(run: both[0].run.id, role: .candidate)
        return (both[0], both[1])
    }

    private func run(
        _ suite: Suite, cases: [SuiteCase], builds: [MeasuredBuild], progress: @Sendable (RunProgress) -> Void
    ) async -> [Results] {
        let workspaces = builds.map { _ in Workspace() }
        defer { workspaces.forEach { $0.remove() } }
        let cpu = EnvironmentRecord.current().cpu.model
        let runners = zip(builds, workspaces).map { build, workspace in
            BlockRunner(
                executable: build.executable, locations: locations, options: options, workspace: workspace,
                tuning: .init(cpu: cpu, version: build.version))
        }
        var prepared = cases.map(CaseState.init)
        prepare(&prepared, progress: progress)
        var states = builds.map { _ in prepared }
        var conditions = Conditions(threads: cases.map(\.threads).max() ?? 1)
        let start = Date()
        let steps = Schedule.steps(
            cases: cases.count, builds: builds.count, blocks: options.blocks, seed: options.seed)
        for (done, step) in steps.enumerated() where !Task.isCancelled {
            let (build, index) = (step.build, step.caseIndex)
            if states.contains(where: { $0[index].error != nil || $0[index].isSkipped }) { continue }
            progress(
                RunProgress(
                    done: done, total: steps.count, current: cases[index].id,
                    elapsed: Date().timeIntervalSince(start)))
            do {
                try await runners[build].run(&states[build][index])
                conditions.look()
            } catch is CancellationError {
                break
            } catch {
                states[build][index].error = Task.isCancelled ? nil : String(describing: error)
            }
        }
        let environment = environment()
        return zip(builds, states).map { build, states in
            var run = RunRecord(
                id: ResultsStore.newRunID(), suite: suite.name, started: start, command: CommandLine.arguments,
                seed: options.seed, harnessVersion: build.version)
            (run.order, run.git, run.finished) = ("interleaved", build.git, Date())
            (run.pin, run.nice, run.conditions) = (options.pin, options.nice, conditions.record)
            run.interrupted = Task.isCancelled ? true : nil
            let kept = states.filter { !Task.isCancelled || !$0.blocks.isEmpty || $0.error != nil || $0.isSkipped }
            var results = Results(run: run, environment: environment, cases: records(kept))
            results.environment.warnings += Doctor.warnings(conditions.record)
            return results
        }
    }

    /// Makes the compressed networks that cases ask for.
    private func prepare(_ states: inout [CaseState], progress: (RunProgress) -> Void) {
        let start = Date()
        let models = CompressedModels(locations: locations, seed: options.seed, fineTune: fineTune)
        for index in states.indices where !Task.isCancelled {
            let spec = states[index].spec
            guard let entry = spec.compression else { continue }
            progress(
                RunProgress(
                    done: 0, total: states.count, current: "compressing \(spec.id)",
                    elapsed: Date().timeIntervalSince(start)))
            do {
                let file = try models.file(spec.model, entry)
                (states[index].model, states[index].quantizationError) = (file.path, file.quantizationError)
            } catch let error as ConfigurationError where error.isAbsence {
                (states[index].note, states[index].isSkipped) = ("not run: \(error)", true)
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
