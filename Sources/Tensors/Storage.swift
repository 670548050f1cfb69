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
    private let isFile: Bool

    /// Zeroed memory, aligned to a cache line (64 bytes); large blocks are pages of their own, so that they go back to
    /// the system when they are released, and very large ones huge pages where the system has them.
    package init(byteCount: Int) {
        precondition(byteCount >= 0)
        self.byteCount = byteCount
        isFile = false
        // Room to start at a huge page's border; what is never touched takes no memory.
        let reserved = byteCount + Self.hugePage
        if byteCount >= Self.pagesFrom,
            let pages = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | Self.anonymous, -1, 0),
            pages != MAP_FAILED
        {
            let start = pages.alignedUp(toMultipleOf: Self.hugePage)
            #if os(Linux)
            if byteCount >= Self.hugePagesFrom { madvise(start, byteCount, MADV_HUGEPAGE) }
            #endif
            base = start
            release = { munmap(pages, reserved) }
            return
        }
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
        memset(base, 0, byteCount)
        self.base = base
        release = { base.deallocate() }
    }

    private static let pagesFrom = 1 << 20
    /// Smaller blocks are read no faster from huge pages, and a host that took back the memory which a virtual machine
    /// did not use takes five times as long to give a huge page as to give it anew in small ones.
    private static let hugePagesFrom = 16 << 20
    private static let hugePage = 2 << 20
    #if canImport(Darwin)
    private static let anonymous = MAP_ANON
    #else
    private static let anonymous = MAP_ANONYMOUS
    #endif

    /// A file that is mapped, never to be written to; `release` runs when the last owner is gone.
    package init(file base: UnsafeMutableRawPointer, byteCount: Int, release: @escaping () -> Void) {
        self.base = base
        self.byteCount = byteCount
        self.release = release
        isFile = true
    }

    /// Lets go of the whole pages of a mapped file inside `range`, in bytes; reading them again brings them back. Does
    /// nothing for other memory.
    func releasePages(_ range: Range<Int>) {
        guard isFile else { return }
        let page = Int(getpagesize())
        let start = (base + range.lowerBound).alignedUp(toMultipleOf: page)
        let end = (base + range.upperBound).alignedDown(toMultipleOf: page)
        if start < end { madvise(start, end - start, MADV_DONTNEED) }
    }

    deinit { release() }
}
