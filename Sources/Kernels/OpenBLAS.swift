import COpenBLAS

/// The library behind the `openblas` algorithms.
package enum OpenBLAS {
    package static var version: String {
        String(cString: openblas_get_config()).split(separator: " ").dropFirst().first.map(String.init) ?? "unknown"
    }

    /// The kernels that it chose for this CPU, which its results depend on.
    package static var core: String { String(cString: openblas_get_corename()) }

    /// Holds it to the plan's number of threads.
    package static func limit(threads: Int) {
        if openblas_get_num_threads() != Int32(threads) { openblas_set_num_threads(Int32(threads)) }
    }
}
