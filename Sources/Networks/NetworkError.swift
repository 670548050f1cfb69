import Engine
import Interchange

/// Why a checkpoint or a name is no network; its text is one line.
package enum NetworkError: Error, CustomStringConvertible {
    case checkpoint(CheckpointError)
    /// No family has such tensors.
    case unknownFamily(file: String)
    /// A tensor that the network needs is not there.
    case missing(file: String, key: String)
    /// Tensors that the network has no use for.
    case unexpected(file: String, keys: [String])
    case wrongShape(file: String, key: String, expected: String, found: [Int])
    /// A tensor or a metadata entry whose values cannot be used.
    case invalid(file: String, key: String, reason: String)
    /// A format or size that is known and refused.
    case unsupported(file: String, reason: String)
    case unknownName(String)

    package var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .unknownFamily(let file): "\(file): its tensors are those of no known network (RepVGG, VGG, ResNet, LIIF)"
        case .missing(let file, let key): "\(file): the tensor \(shown(key)) is missing"
        case .unexpected(let file, let keys):
            "\(file): \(keys.count) unexpected tensor\(keys.count == 1 ? "" : "s"): "
                + keys.prefix(4).map(shown).joined(separator: ", ") + (keys.count > 4 ? ", …" : "")
        case .wrongShape(let file, let key, let expected, let found):
            "\(file): \(shown(key)): expected shape \(expected), found \(Shape.text(found))"
        case .invalid(let file, let key, let reason): "\(file): \(shown(key)): \(reason)"
        case .unsupported(let file, let reason): "\(file): \(reason)"
        case .unknownName(let name):
            "no known network \(shown(name)): expected a name such as repvgg-a0, repvgg-b1g4:train, vgg-16-bn, resnet-50 or liif-edsr-baseline"
        }
    }
    /// A name from outside on one line of bounded length.
    private func shown(_ name: String) -> String {
        String(name.prefix(100).map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 32 } ? "?" : $0 })
    }
}
