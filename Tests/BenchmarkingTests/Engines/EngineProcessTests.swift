import Benchmarking
import Foundation
import Testing

/// Tiny shell scripts stand in for engines.
@Suite struct EngineProcessTests {
    private struct Numbers: Codable { var seconds: [Double] }
    private struct Command: Codable { var count = 3 }

    private func start(_ script: String, environment: [String: String] = [:]) async throws -> EngineProcess {
        try await EngineProcess.start(
            engine: "example", executable: "/bin/sh", arguments: ["-c", script], environment: environment)
    }

    private func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

    /// The text of the error that a question ends with.
    private func failure(_ process: EngineProcess, timeout: Double = 20) async -> String {
        do {
            let answer: Numbers = try await process.ask(Command(), timeout: timeout)
            return "answered \(answer)"
        } catch {
            return "\(error)"
        }
    }

    @Test func answersCommandAfterCommand() async throws {
        let process = try await start(
            "while read -r line; do echo \"$GREETING:$line\"; done", environment: ["GREETING": "hi"])
        #expect(isAlive(process.identifier))
        for i in 0..<3 {
            let line = try await process.answer(to: "\(i)", timeout: 20)
            #expect(String(decoding: line, as: UTF8.self) == "hi:\(i)")
        }
        #expect(await process.finish() == .exited(0))
        #expect(await process.finish() == .exited(0))
        #expect(!isAlive(process.identifier))
    }

    @Test func sendsAndDecodesJSON() async throws {
        let process = try await start(
            #"read -r line; [ "$line" = '{"count":3}' ] && echo '{"ok":true,"seconds":[1.5,2,3]}'"#)
        let answer: Numbers = try await process.ask(Command(), timeout: 20)
        #expect(answer.seconds == [1.5, 2, 3])
    }

    @Test func readsALineOfAHundredThousandNumbers() async throws {
        let process = try await start(
            #"""
            read -r line
            awk 'BEGIN {
              printf "{\"ok\":true,\"seconds\":["
              for (i = 0; i < 100000; i++) printf "%s%.17f", (i ? "," : ""), i / 1e5
              print "]}"
            }'
            """#)
        let answer: Numbers = try await process.ask(Command(), timeout: 60)
        #expect(answer.seconds.count == 100_000)
        #expect(answer.seconds.last == 0.99999)
        #expect(await process.finish() == .exited(0))
    }

    @Test func goesOnAfterARefusal() async throws {
        let process = try await start(
            #"""
            read -r line; echo '{"ok":false,"error":"no such model"}'
            read -r line; echo '{"ok":true,"seconds":[1]}'
            """#)
        #expect(await failure(process) == "engine example: no such model")
        let answer: Numbers = try await process.ask(Command(), timeout: 20)
        #expect(answer.seconds == [1])
    }

    @Test func tellsOfAnExecutableThatIsMissing() async throws {
        for executable in ["/nowhere/engine", "no-such-engine-anywhere"] {
            await #expect {
                _ = try await EngineProcess.start(engine: "example", executable: executable)
            } throws: { error in
                if case EngineProcessError.notStarted = error { !"\(error)".contains("\n") } else { false }
            }
        }
    }

    @Test func tellsHowAChildDied() async throws {
        let exits = try await start("read -r line; echo some words >&2; echo 'the last word' >&2; exit 3")
        #expect(await failure(exits) == "engine example ended before it answered (exit status 3): the last word")
        #expect(exits.errors == "some words\nthe last word\n")
        let killed = try await start("read -r line; kill -9 $$")
        #expect(await failure(killed) == "engine example ended before it answered (signal 9)")
        #expect(await killed.finish() == .signalled(9))
    }

    @Test func tellsOfDeathInTheMiddleOfAnAnswer() async throws {
        let process = try await start(#"read -r line; printf '{"ok":true,"sec'; exit 1"#)
        #expect(await failure(process) == "engine example ended before it answered (exit status 1)")
    }

    @Test func askingTheDeadFails() async throws {
        let process = try await start("exit 0")
        #expect(await failure(process).contains("exit status 0"))
        #expect(await failure(process).contains("exit status 0"))
    }

    @Test(arguments: ["hello", "", "{}", "[1,2]", #"{"ok":true,"seconds":"soon"}"#, "\u{1}\u{2}\u{7f}"])
    func killsAChildThatWritesGarbage(_ garbage: String) async throws {
        let process = try await start(
            "read -r line; printf '%s\\n' \"$GARBAGE\"; exec sleep 600", environment: ["GARBAGE": garbage])
        let text = await failure(process)
        #expect(text.hasPrefix("engine example broke the protocol: not ") && !text.contains("\n"))
        #expect(!isAlive(process.identifier))
    }

    @Test func killsAChildThatFloods() async throws {
        let process = try await start("yes '{\"ok\":true,\"seconds\":[]}'")
        for _ in 0..<10_000 {
            let text = await failure(process)
            if text.hasPrefix("answered") { continue }
            #expect(text == "engine example broke the protocol: it writes more than it is asked")
            break
        }
        #expect(await process.finish() == .signalled(9))
    }

    @Test func killsAChildThatHangs() async throws {
        let process = try await start("echo thinking >&2; trap '' TERM INT HUP; while :; do sleep 1; done")
        let text = await failure(process, timeout: 3)
        #expect(text == "engine example gave no answer within 3.0 seconds: thinking")
        #expect(!isAlive(process.identifier))
    }

    @Test func killsAChildThatDoesNotEndWhenAskedTo() async throws {
        let process = try await start("while :; do sleep 1; done")
        #expect(await process.finish(within: 0.2) == .signalled(9))
    }

    @Test func endsThoughAGrandchildHoldsItsOutput() async throws {
        let process = try await start("sleep 5 & read -r line; exit 4")
        #expect(await failure(process) == "engine example ended before it answered (exit status 4)")
    }

    @Test func killsTheChildWhenCancelled() async throws {
        let process = try await start("exec sleep 600")
        let asking = Task { _ = try await process.answer(to: "anything", timeout: 600) }
        try await Task.sleep(for: .milliseconds(100))
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        #expect(!isAlive(process.identifier))
        #expect(await process.finish() == .signalled(9))
    }

    @Test func killsTheChildWhenForgotten() async throws {
        var process: EngineProcess? = try await start("exec sleep 600")
        let pid = try #require(process?.identifier)
        process = nil
        for _ in 0..<200 where isAlive(pid) { try await Task.sleep(for: .milliseconds(50)) }
        #expect(!isAlive(pid))
    }

    @Test func keepsTheTailOfManyMessages() async throws {
        let process = try await start(
            "read -r line; yes 'a message of no interest' | head -n 20000 >&2; echo last >&2; exit 1")
        #expect(await failure(process).hasSuffix(": last"))
        #expect((1000...10_000).contains(process.errors.utf8.count))
    }

    @Test func manyChildrenAtATime() async throws {
        try await withThrowingTaskGroup { group in
            for i in 0..<12 {
                group.addTask {
                    let process = try await start("while read -r line; do echo \"\(i) $line\"; done")
                    for n in 0..<20 {
                        let line = try await process.answer(to: "\(n)", timeout: 30)
                        #expect(String(decoding: line, as: UTF8.self) == "\(i) \(n)")
                    }
                    #expect(await process.finish() == .exited(0))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aScopeEndsItsProcess() async throws {
        struct Failure: Error {}
        let script = "while read -r line; do echo \"$line\"; done; exec sleep 0.1"
        let identifier = try await EngineProcess.with(executable: "/bin/sh", arguments: ["-c", script]) { process in
            #expect(process.engine == "sh")
            _ = try await process.answer(to: "hello", timeout: 20)
            return process.identifier
        }
        #expect(!isAlive(identifier))
        var failed: Int32 = 0
        await #expect(throws: Failure.self) {
            try await EngineProcess.with(executable: "/bin/sh", arguments: ["-c", "exec sleep 600"]) { process in
                failed = process.identifier
                throw Failure()
            }
        }
        #expect(failed != 0 && !isAlive(failed))
    }
}
