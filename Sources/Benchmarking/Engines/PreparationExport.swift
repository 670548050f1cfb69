import Images
import Interchange
import Tensors

extension NetworkExport {
    /// Writes what prepares the same images, in the same files: a network of the one layer `preprocess`, whose `input`
    /// [N] is the images' numbers. There are no weights.
    static func write(
        _ preparation: ImagePreparation, input: Tensor, output: Tensor, to folder: String
    ) throws(CheckpointError) {
        let layer = PreprocessRecord(preparation)
        let record = PreparationRecord(name: "preprocess", input: input.shape, output: 1, layers: [layer])
        try write(record, to: "\(folder)/network.json")
        try Checkpoint(file: "\(folder)/weights.safetensors").write(to: "\(folder)/weights.safetensors")
        try write(input: input, output: output, to: folder)
    }
}

private struct PreparationRecord: Encodable {
    var name: String
    var input: [Int]
    var output: Int
    var layers: [PreprocessRecord]
}

/// The layer `preprocess`.
private struct PreprocessRecord: Encodable {
    let name = "preprocess"
    let operation = "preprocess"
    let inputs = [0]
    var files: [String]
    /// Of the output.
    var height: Int
    var width: Int
    /// Of the shorter side, or [height, width]; nil: as the image is.
    var resize: [Int]?
    var crop: Int?
    var interpolation: String
    var mean: [Float]
    var deviation: [Float]

    init(_ preparation: ImagePreparation) {
        let preprocessing = preparation.preprocessing
        files = preparation.files
        (height, width) = (preparation.outputShape[2], preparation.outputShape[3])
        resize =
            switch preprocessing.resize {
            case nil: nil
            case .shorterSide(let side): [side]
            case .exactly(let height, let width): [height, width]
            }
        (crop, interpolation) = (preprocessing.crop, preprocessing.interpolation.rawValue)
        (mean, deviation) = (preprocessing.mean, preprocessing.deviation)
    }
}
