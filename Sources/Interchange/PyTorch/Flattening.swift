import OrderedCollections

/// Gives the tensors and plain values of nested dictionaries and lists names joined with dots.
struct Flattening {
    private(set) var tensors: OrderedDictionary<String, Int> = [:]
    private(set) var values: [String: PlainValue] = [:]
    private(set) var skipped: [String: String] = [:]
    private let pickle: Pickle
    // References let a small pickle describe a huge tree, so what is visited and named is bounded.
    private var visitsLeft = 1_000_000
    private var nameBytesLeft = 64 << 20
    private static let depthLimit = 64

    init(_ pickle: Pickle, top: Pickle.Value) throws(Defect) {
        self.pickle = pickle
        switch top {
        case .dictionary(let index): try addDictionary(index, name: "", depth: 0)
        case .opaque(let type):
            throw Defect("holds an object of \(quoted(type)) and no dictionary of tensors; save its state_dict instead")
        default: throw Defect("holds no dictionary of tensors")
        }
        guard tensors.isEmpty else { return }
        let culprit = skipped.min { $0.key < $1.key }
        let hint = culprit.map { "; \(quoted($0.key)) is of \(quoted($0.value)), which is never run or made" }
        throw Defect("holds no tensors" + (hint ?? ""))
    }

    private mutating func add(_ value: Pickle.Value, name: String, depth: Int) throws(Defect) {
        visitsLeft -= 1
        nameBytesLeft -= name.utf8.count
        guard visitsLeft >= 0, nameBytesLeft >= 0, depth <= Flattening.depthLimit else {
            throw Defect("its dictionaries are nested too deeply, or endlessly")
        }
        switch value {
        case .dictionary(let index): return try addDictionary(index, name: name + ".", depth: depth)
        case .list(let index), .tuple(let index):
            for (i, value) in pickle.containers[index].enumerated() {
                try add(value, name: "\(name).\(i)", depth: depth + 1)
            }
            return
        default: break
        }
        guard tensors[name] == nil, values[name] == nil, skipped[name] == nil else {
            throw Defect("holds the name \(quoted(name)) twice")
        }
        switch value {
        case .tensor(let index):
            try checkName(name)
            tensors[name] = index
        case .none: values[name] = PlainValue.none
        case .boolean(let value): values[name] = .boolean(value)
        case .integer(let value): values[name] = .integer(value)
        case .number(let value): values[name] = .number(value)
        case .text(let value): values[name] = .text(value)
        case .opaque(let type): skipped[name] = type
        case .function, .scalarType, .storageType, .storage: skipped[name] = "torch"
        case .dictionary, .list, .tuple: preconditionFailure("handled above")
        }
    }

    /// `name` ends with a dot, unless it is empty.
    private mutating func addDictionary(_ index: Int, name: String, depth: Int) throws(Defect) {
        let items = pickle.containers[index]
        for i in stride(from: 0, to: items.count, by: 2) {
            let key: String
            switch items[i] {
            case .text(let text): key = text
            case .integer(let number): key = String(number)
            case .number(let number): key = String(number)
            case .boolean(let value): key = value ? "True" : "False"
            case .none: key = "None"
            default: continue  // no text could stand for it
            }
            try add(items[i + 1], name: name + key, depth: depth + 1)
        }
    }
}
