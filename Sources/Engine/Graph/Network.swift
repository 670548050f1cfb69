import Tensors

/// A network as data: a list of layers in an order in which each comes after those it reads.
///
/// Values are numbered: 0 is the network's input, and layer `i` makes value `i + 1`.
package struct Network: Sendable {
    package enum Form: String, Sendable, Codable {
        /// As trained: several branches per block (RepVGG).
        case training
        /// One convolution per block (RepVGG after re-parameterization).
        case fused
        /// A network that has only one form.
        case plain
    }

    package var name: String
    /// `repvgg`, `vgg`, `resnet`, `liif`.
    package var family: String
    package var form: Form
    package var inputChannels: Int
    /// Height and width that the network was made for; the others work too where the layers allow it.
    package var inputSize: [Int]
    package var layers: [Layer]
    /// What makes colours of the last layer's features, at any point of the image (LIIF); nil for other families.
    package var decoder: ImplicitDecoder?

    package init(
        name: String, family: String, form: Form, inputChannels: Int = 3, inputSize: [Int] = [224, 224],
        layers: [Layer] = []
    ) {
        self.name = name
        self.family = family
        self.form = form
        self.inputChannels = inputChannels
        self.inputSize = inputSize
        self.layers = layers
    }

    /// Appends a layer and returns the number of the value that it makes.
    package mutating func append(_ name: String, _ operation: Operation, _ inputs: Int...) -> Int {
        layers.append(Layer(name: name, operation: operation, inputs: inputs))
        return layers.count
    }
}

/// One step of a network.
package struct Layer: Sendable {
    /// The name of its parameters in the checkpoint (`stage1.0.rbr_dense.conv`), or a unique name of its own.
    package var name: String
    package var operation: Operation
    /// The values that it reads; see `Network`.
    package var inputs: [Int]

    package init(name: String, operation: Operation, inputs: [Int]) {
        self.name = name
        self.operation = operation
        self.inputs = inputs
    }
}
