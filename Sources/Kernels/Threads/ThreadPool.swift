import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Work that is split into parts; which thread takes which part must not matter to the result.
package protocol ParallelWork: AnyObject, Sendable {
    /// `thread` is below the pool's number of threads, and no two parts run with the same one at once.
    func run(part: Int, thread: Int)
}

/// A few threads that wait for short pieces of work by spinning, and sleep when none has come for a while.
///
/// The caller takes part. Handing out work allocates nothing, and enters the kernel only to wake sleepers.
package final class ThreadPool: @unchecked Sendable {
    package let threads: Int
    private let shared: Shared
    private var handles: [pthread_t] = []

    /// Looks at the counter this often before it sleeps: some hundred microseconds, longer than the gap between layers.
    fileprivate static let spins = 200_000

    package init(threads: Int) {
        precondition(threads >= 1)
        self.threads = threads
        shared = Shared()
        for thread in 1..<max(threads, 1) {
            let start = Unmanaged.passRetained(Start(shared: shared, thread: thread)).toOpaque()
            #if canImport(Darwin)
            var handle: pthread_t?
            #else
            var handle = pthread_t()
            #endif
            let status = pthread_create(&handle, nil, threadMain, start)
            precondition(status == 0, "the system refuses another thread")
            #if canImport(Darwin)
            if let handle { handles.append(handle) }
            #else
            handles.append(handle)
            #endif
        }
    }

    deinit {
        shared.stopping.store(true, ordering: .releasing)
        shared.generation.add(1, ordering: .sequentiallyConsistent)
        shared.wake()
        for handle in handles { pthread_join(handle, nil) }
    }

    /// Runs every part of `work` and returns when all are done.
    package func run(_ parts: Int, _ work: some ParallelWork) {
        if threads == 1 || parts <= 1 {
            for part in 0..<parts { work.run(part: part, thread: 0) }
            return
        }
        shared.work = work
        shared.parts = parts
        shared.next.store(0, ordering: .relaxed)
        shared.busy.store(threads - 1, ordering: .relaxed)
        shared.generation.add(1, ordering: .sequentiallyConsistent)
        if shared.sleepers.load(ordering: .sequentiallyConsistent) > 0 { shared.wake() }
        shared.drain(thread: 0)
        var spins = 0
        while shared.busy.load(ordering: .acquiring) > 0 {
            spins += 1
            if spins > Self.spins { sched_yield() }
        }
    }
}

/// What the pool and its threads share.
private final class Shared: @unchecked Sendable {
    let generation = Atomic<Int>(0)
    let next = Atomic<Int>(0)
    let busy = Atomic<Int>(0)
    let sleepers = Atomic<Int>(0)
    let stopping = Atomic<Bool>(false)
    var parts = 0
    unowned(unsafe) var work: (any ParallelWork)?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func drain(thread: Int) {
        while true {
            let part = next.add(1, ordering: .relaxed).oldValue
            if part >= parts { return }
            work?.run(part: part, thread: thread)
        }
    }

    /// Waits until the generation is another than `seen`, and gives it.
    func wait(after seen: Int) -> Int {
        for _ in 0..<ThreadPool.spins {
            let now = generation.load(ordering: .acquiring)
            if now != seen { return now }
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        pthread_mutex_lock(mutex)
        while generation.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        return generation.load(ordering: .acquiring)
    }

    func wake() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

private final class Start {
    let shared: Shared
    let thread: Int

    init(shared: Shared, thread: Int) {
        self.shared = shared
        self.thread = thread
    }
}

#if canImport(Darwin)
private func threadMain(_ start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? { serve(start) }
#else
private func threadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? { start.flatMap(serve) }
#endif

private func serve(_ start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
    var seen = 0
    while true {
        seen = start.shared.wait(after: seen)
        if start.shared.stopping.load(ordering: .acquiring) { return nil }
        start.shared.drain(thread: start.thread)
        start.shared.busy.subtract(1, ordering: .releasing)
    }
}
