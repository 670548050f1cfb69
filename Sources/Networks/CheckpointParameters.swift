import Engine
import Interchange
import Kernels
import Tensors

/// The parameters of a checkpoint under the names of the family's reference implementation; knows which were used.
struct CheckpointParameters: ParameterSource {
    let file: String
    let metadata: [String: String]
    private let tensors: [String: (key: String, tensor: StoredTensor)]
    private var unused: Set<String>
    /// Whether any layer is quantized; such files have batch norms without statistics.
    private let isQuantized: Bool
    private var weightCount = 0

    private static let codedSuffixes = [".codes_matrix", ".codes_packed", ".weight_scale"]

    /// Larger dimensions mean a broken file; the limit keeps products of four of them from overflowing.
    private static let largestExtent = 1 << 20
    /// Of one layer and of all: 4 and 16 GiB when decoded to float32.
    private static let largestLayer = 1 << 30
    private static let largestNetwork = 1 << 32

    /// - Parameter canonical: the reference implementation's name for a key of the file; nil for a key to ignore.
    init(_ checkpoint: Checkpoint, canonical: (String) -> String?) throws(NetworkError) {
        file = checkpoint.file
        metadata = checkpoint.metadata
        var tensors: [String: (key: String, tensor: StoredTensor)] = [:]
        for (key, tensor) in checkpoint.parameters() {
            guard let name = canonical(key) else { continue }
            if let other = tensors.updateValue((key, tensor), forKey: name) {
                throw .invalid(file: checkpoint.file, key: key, reason: "means the same parameter as \(other.key)")
            }
        }
        self.tensors = tensors
        unused = Set(tensors.keys)
        isQuantized = tensors.keys.contains { key in Self.codedSuffixes.contains { key.hasSuffix($0) } }
    }

    var names: some Collection<String> { tensors.keys }

    func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// Whether it has a layer's weights, in either form.
    func hasWeights(_ name: String) -> Bool {
        contains(name + ".weight") || contains(name + ".codes_matrix") || contains(name + ".codes_packed")
    }

    /// Rows and columns of a layer's weights as a matrix [outputs, inputs / groups · kernel].
    func matrix(_ name: String) throws(NetworkError) -> (rows: Int, columns: Int) {
        if let codes = try codesShape(name) {
            return (codes[0], codes[1] * (try stored(name + ".codebook", rank: 2).shape[1]))
        }
        let shape = try stored(name + ".weight").shape
        guard shape.count >= 2, shape.dropFirst().reduce(1, { min($0 * $1, Self.largestLayer) }) < Self.largestLayer
        else { throw wrongShape(name + ".weight", expected: "that of a layer's weights") }
        return (shape[0], shape.dropFirst().reduce(1, *))
    }

    /// The numbers N of the layers `prefixN` that have weights of two or more dimensions, ascending.
    func layers(under prefix: String) -> [Int] {
        names.compactMap { name -> Int? in
            guard name.hasPrefix(prefix), let tensor = tensors[name]?.tensor else { return nil }
            let parts = name.dropFirst(prefix.count).split(separator: ".")
            guard parts.count == 2 else { return nil }
            let isMatrix =
                ["weight", "codes_matrix"].contains(parts[1]) && tensor.shape.count >= 2 || parts[1] == "codes_packed"
            return isMatrix ? Int(parts[0]) : nil
        }.sorted()
    }

    /// A metadata entry such as `1,1,2,2,2`.
    func integers(metadata key: String) throws(NetworkError) -> [Int]? {
        guard let text = metadata[key] else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0.filter { $0 != " " }) }
        guard numbers.count == parts.count, numbers.allSatisfy({ (1...1 << 16).contains($0) }) else {
            throw .invalid(file: file, key: key, reason: "expected whole numbers with commas between, such as 2,2,2")
        }
        return numbers
    }

    /// Height and width that the metadata says the network was made for.
    func storedInputSize() throws(NetworkError) -> [Int]? {
        let size = try integers(metadata: Metadata.inputSize)
        if let size, size.count != 2 {
            throw .invalid(file: file, key: Metadata.inputSize, reason: "expected height and width")
        }
        return size
    }

    /// Every tensor must have been used by now.
    func finish() throws(NetworkError) {
        if !unused.isEmpty { throw .unexpected(file: file, keys: unused.map(key(of:)).sorted()) }
    }

    // MARK: ParameterSource

    func isFolded(convolution: String, norm: String) -> Bool {
        contains(convolution + ".bias") && !contains(norm + ".weight")
    }

    mutating func weights(_ name: String, shape: [Int], gain: Double) throws(NetworkError) -> Weights {
        let count = shape.reduce(1, *)
        weightCount += count
        guard count <= Self.largestLayer, weightCount <= Self.largestNetwork else {
            throw .unsupported(file: file, reason: "\(name) has too many weights (\(Shape.text(shape)))")
        }
        if try codesShape(name) != nil { return .quantized(try quantized(name, shape: shape)) }
        if contains(name + ".weight_scale") { return .quantized(try integers(name, shape: shape)) }
        return .dense(try floats(name + ".weight", shape: shape))
    }

    mutating func bias(_ name: String, count: Int) throws(NetworkError) -> Tensor {
        try floats(name + ".bias", shape: [count])
    }

    /// A compressed network's batch norm is weight and bias alone: its statistics are folded into them, which leaves
    /// mean 0 and variance 1 (with the same epsilon).
    mutating func batchNorm(_ name: String, channels: Int, gain: Double) throws(NetworkError) -> BatchNorm {
        let weight = try floats(name + ".weight", shape: [channels])
        let bias = try floats(name + ".bias", shape: [channels])
        if isQuantized && !contains(name + ".running_mean") && !contains(name + ".running_var") {
            let (zeros, ones) = ([Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels))
            return BatchNorm(
                weight: weight, bias: bias, mean: Tensor(shape: [channels], zeros),
                variance: Tensor(shape: [channels], ones))
        }
        let mean = try floats(name + ".running_mean", shape: [channels])
        let variance = try floats(name + ".running_var", shape: [channels])
        guard variance.floats.allSatisfy({ $0 >= 0 }) else {
            throw invalid(name + ".running_var", "has a negative variance, or one that is no number")
        }
        return BatchNorm(weight: weight, bias: bias, mean: mean, variance: variance)
    }

    /// PQF's form: codes [outputs, subvectors per row] and codebook [k, d].
    private mutating func quantized(_ name: String, shape: [Int]) throws(NetworkError) -> ProductQuantized {
        let columns = shape.dropFirst().reduce(1, *)
        let isPacked = contains(name + ".codes_packed")
        let key = name + (isPacked ? ".codes_packed" : ".codes_matrix")
        let matrix = try codesShape(name) ?? []
        let codebook = try stored(name + ".codebook", rank: 2).shape
        guard matrix[0] == shape[0], matrix[1] * codebook[1] == columns else {
            throw wrongShape(key, expected: "\(shape[0])×\(columns) divided by a codebook of \(codebook[1]) wide")
        }
        let codes =
            isPacked
            ? try packedCodes(name, count: matrix[0] * matrix[1], codewords: codebook[0])
            : try plainCodes(name, codewords: codebook[0])
        if let code = codes.largest, code >= min(codebook[0], 1 << 16) {
            throw invalid(key, "has the code \(code), but the codebook has \(codebook[0]) rows")
        }
        let scales = name + ".row_scales"
        return ProductQuantized(
            shape: shape, codes: codes, codebook: try floats(name + ".codebook", shape: codebook),
            rowScales: contains(scales) ? try floats(scales, shape: [shape[0]]) : nil)
    }

    /// Outputs and subvectors per row of a layer that is kept as codes, else nil.
    private func codesShape(_ name: String) throws(NetworkError) -> [Int]? {
        if contains(name + ".codes_packed") {
            let stored = try stored(name + ".codes_shape", rank: 1)
            guard stored.shape == [2] else { throw wrongShape(name + ".codes_shape", expected: "2") }
            var shape: [Int] = []
            do { shape = try stored.integers() } catch { throw .checkpoint(error) }
            guard shape.allSatisfy({ (1...Self.largestExtent).contains($0) }) else {
                throw invalid(name + ".codes_shape", "is not the shape of a layer's codes: \(Shape.text(shape))")
            }
            return shape
        }
        return contains(name + ".codes_matrix") ? try stored(name + ".codes_matrix", rank: 2).shape : nil
    }

    private mutating func plainCodes(
        _ name: String, codewords: Int
    ) throws(NetworkError) -> ProductQuantized.Codes {
        let key = name + ".codes_matrix"
        let stored = try stored(key, rank: 2)
        unused.remove(key)
        do {
            if stored.scalarType == .uint8 { return .bytes(try stored.bytes()) }
        } catch { throw .checkpoint(error) }
        var codes: [Int] = []
        do { codes = try stored.integers() } catch { throw .checkpoint(error) }
        if let wrong = codes.first(where: { !(0..<min(codewords, 1 << 16)).contains($0) }) {
            throw invalid(key, "has the code \(wrong), but the codebook has \(codewords) rows")
        }
        return codewords <= 256 ? .bytes(codes.map(UInt8.init)) : .words(codes.map(UInt16.init))
    }

    private mutating func packedCodes(
        _ name: String, count: Int, codewords: Int
    ) throws(NetworkError) -> ProductQuantized.Codes {
        let key = name + ".codes_packed"
        guard let stored = tensors[key]?.tensor else { throw .missing(file: file, key: key) }
        let bits = CodePacking.bits(codewords: codewords)
        let byteCount = CodePacking.byteCount(codes: count, bits: bits)
        guard bits <= 16, stored.scalarType == .uint8, stored.shape == [byteCount] else {
            throw wrongShape(key, expected: "\(byteCount) bytes for \(count) codes of \(bits) bits")
        }
        unused.subtract([key, name + ".codes_shape"])
        var bytes: [UInt8] = []
        do { bytes = try stored.bytes() } catch { throw .checkpoint(error) }
        return codewords <= 256
            ? .bytes(CodePacking.unpack(bytes, count: count, bits: bits))
            : .words(CodePacking.unpack(bytes, count: count, bits: bits))
    }

    /// Weights of 8 bits with a factor per output.
    private mutating func integers(_ name: String, shape: [Int]) throws(NetworkError) -> ProductQuantized {
        let key = name + ".weight"
        let stored = try stored(key)
        guard stored.scalarType == .int8 else {
            throw invalid(key, "has a scale, but is \(stored.scalarType.rawValue)")
        }
        guard stored.shape == shape else { throw wrongShape(key, expected: Shape.text(shape)) }
        unused.remove(key)
        var bytes: [UInt8] = []
        do { bytes = try stored.bytes() } catch { throw .checkpoint(error) }
        return ProductQuantized(
            shape: shape, integers: bytes,
            rowScales: try floats(name + ".weight_scale", shape: [shape[0]]))
    }

    // MARK: Tensors

    /// The tensor as float32; it must have exactly this shape, and counts as used.
    private mutating func floats(_ name: String, shape: [Int]) throws(NetworkError) -> Tensor {
        let stored = try stored(name)
        // A linear layer may be stored as a convolution (timm's VGG) whose weights lie in the same order.
        let isFlattened =
            shape.count == 2 && stored.shape.count == 4 && stored.shape[0] == shape[0]
            && stored.shape.dropFirst().reduce(1, { min($0 * $1, Self.largestLayer) }) == shape[1]
        guard stored.shape == shape || isFlattened else { throw wrongShape(name, expected: Shape.text(shape)) }
        guard [.float16, .bfloat16, .float32, .float64].contains(stored.scalarType) else {
            throw invalid(name, "is \(stored.scalarType.rawValue), expected floating-point numbers")
        }
        unused.remove(name)
        do { return try stored.floats().reshaped(shape) } catch { throw .checkpoint(error) }
    }

    private func stored(_ name: String, rank: Int? = nil) throws(NetworkError) -> StoredTensor {
        guard let (_, tensor) = tensors[name] else { throw .missing(file: file, key: name) }
        guard tensor.shape.allSatisfy({ (1...Self.largestExtent).contains($0) }), tensor.shape.count <= 4 else {
            throw wrongShape(name, expected: "at most four dimensions of 1 to \(Self.largestExtent)")
        }
        if let rank, tensor.shape.count != rank { throw wrongShape(name, expected: "\(rank) dimensions") }
        return tensor
    }

    /// An error about a layer's weights or another tensor by its canonical name.
    func wrongShape(_ name: String, expected: String) -> NetworkError {
        .wrongShape(file: file, key: key(of: name), expected: expected, found: tensors[name]?.tensor.shape ?? [])
    }

    func invalid(_ name: String, _ reason: String) -> NetworkError {
        .invalid(file: file, key: key(of: name), reason: reason)
    }

    /// The file's own name for a parameter.
    private func key(of name: String) -> String { tensors[name]?.key ?? name }
}

extension ProductQuantized.Codes {
    fileprivate var largest: Int? {
        switch self {
        case .bytes(let values): values.max().map(Int.init)
        case .words(let values): values.max().map(Int.init)
        }
    }
}
