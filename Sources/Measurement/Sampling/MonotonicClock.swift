#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Nanoseconds that only go forward. `CLOCK_MONOTONIC` and not its RAW sibling: both are read without entering the
/// kernel, but RAW is not corrected by NTP, so a second of it is not a second.
package struct MonotonicClock: NanosecondClock {
    package init() {}

    @inline(__always)
    package func now() -> UInt64 {
        #if canImport(Darwin)
        // There the monotonic clock counts microseconds only.
        return clock_gettime_nsec_np(CLOCK_UPTIME_RAW)
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        #endif
    }
}

/// What `Sampler` reads the time from, so that tests can tell it their own.
package protocol NanosecondClock {
    func now() -> UInt64
}
