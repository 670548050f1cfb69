import OrderedCollections
import Tensors

/// What a checkpoint file holds: named tensors, and the plain values beside them.
///
/// PyTorch's nested dictionaries are flattened with dots (`model.sd.encoder.head.0.weight`).
package struct Checkpoint: Sendable {
    /// The path it was read from.
    package var file: String
    package var tensors: OrderedDictionary<String, StoredTensor>
    /// safetensors' `__metadata__`.
    package var metadata: [String: String]
    /// Numbers, truth values and texts of a PyTorch file, flattened like the tensors (`model.args.imnet_spec.name`).
    package var values: [String: PlainValue]

    package init(
        file: String, tensors: OrderedDictionary<String, StoredTensor> = [:], metadata: [String: String] = [:],
        values: [String: PlainValue] = [:]
    ) {
        self.file = file
        self.tensors = tensors
        self.metadata = metadata
        self.values = values
    }
}

package enum PlainValue: Sendable, Equatable {
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
}

package enum ScalarType: String, Sendable {
    case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, bfloat16, float32, float64

    package var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }
}
