import Synchronization
import Tensors

/// Bytes of a file that are checked, inflated or byte-swapped when somebody first asks, and once only.
final class LazyBytes: Sendable {
    struct Slice: Sendable {
        let storage: Storage
        let byteOffset: Int
    }

    private enum State {
        case pending(@Sendable () throws(Defect) -> Slice)
        case ready(Slice)
        case failed(Defect)
    }

    let byteCount: Int
    let file: String
    private let state: Mutex<State>

    init(_ slice: Slice, byteCount: Int, file: String) {
        self.byteCount = byteCount
        self.file = file
        state = Mutex(.ready(slice))
    }

    init(byteCount: Int, file: String, load: @escaping @Sendable () throws(Defect) -> Slice) {
        self.byteCount = byteCount
        self.file = file
        state = Mutex(.pending(load))
    }

    func slice() throws(CheckpointError) -> Slice {
        let result: Result<Slice, Defect> = state.withLock { state in
            if case .pending(let load) = state {
                do throws(Defect) { state = .ready(try load()) } catch { state = .failed(error) }
            }
            switch state {
            case .ready(let slice): return .success(slice)
            case .failed(let defect): return .failure(defect)
            case .pending: preconditionFailure("loaded above")
            }
        }
        do throws(Defect) { return try result.get() } catch { throw error.inFile(file) }
    }
}
