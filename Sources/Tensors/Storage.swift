#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Raw memory with one owner: the only type of the project that allocates, maps or frees it.
///
/// Writers must be done before a storage is shared between threads; that is what makes it `Sendable`.
package final class Storage: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    package let byteCount: Int
    private let release: () -> Void

    /// Memory aligned to a cache line (64 bytes), zeroed unless asked otherwise.
    package init(byteCount: Int, zeroed: Bool = true) {
        precondition(byteCount >= 0)
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
        if zeroed { memset(base, 0, byteCount) }
        self.base = base
        self.byteCount = byteCount
        release = { base.deallocate() }
    }

    /// Memory that somebody else made, such as a mapped file; `release` runs when the last owner is gone.
    package init(base: UnsafeMutableRawPointer, byteCount: Int, release: @escaping () -> Void) {
        self.base = base
        self.byteCount = byteCount
        self.release = release
    }

    deinit { release() }
}
