/// The sizes of a convolution.
package struct ConvolutionShape: Hashable, Codable, Sendable {
    package var batch: Int
    package var inputChannels: Int
    package var height: Int
    package var width: Int
    package var outputChannels: Int
    package var kernelHeight: Int
    package var kernelWidth: Int
    package var stride: Int
    package var padding: Int
    package var groups: Int

    package init(
        batch: Int, inputChannels: Int, height: Int, width: Int, outputChannels: Int, kernelHeight: Int,
        kernelWidth: Int, stride: Int, padding: Int, groups: Int
    ) {
        self.batch = batch
        self.inputChannels = inputChannels
        self.height = height
        self.width = width
        self.outputChannels = outputChannels
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }

    package var outputHeight: Int { (height + 2 * padding - kernelHeight) / stride + 1 }
    package var outputWidth: Int { (width + 2 * padding - kernelWidth) / stride + 1 }

    /// Of the direct method.
    package var multiplyAdds: Int {
        batch * outputChannels * outputHeight * outputWidth * (inputChannels / groups) * kernelHeight * kernelWidth
    }

    /// Whole blocks of 16 channels in each group, on both sides.
    var hasWholeGroups: Bool { inputChannels / groups % 16 == 0 && outputChannels / groups % 16 == 0 }

    var inputBlocks: Int { Blocked.count(inputChannels) }
    var outputBlocks: Int { Blocked.count(outputChannels) }
}
