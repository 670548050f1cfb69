import Kernels

extension Network {
    /// The convolutions of which a max pooling of 2×2 pixels is the only reader, and whose algorithms can do it at once.
    func poolingConvolutions(
        _ questions: [AlgorithmChoice.Question], _ algorithms: [String: ConvolutionAlgorithm]
    ) -> Set<Int> {
        let questions = Dictionary(questions.map { ($0.layer, $0) }, uniquingKeysWith: { first, _ in first })
        let found = layers.indices.dropLast().filter { index in
            guard case .maxPool(size: 2, stride: 2, padding: 0) = layers[index + 1].operation,
                layers[index + 1].inputs == [index + 1], layers[index].inputs.count == 1,
                !layers[(index + 2)...].contains(where: { $0.inputs.contains(index + 1) }),
                let question = questions[layers[index].name], let algorithm = algorithms[question.layer]
            else { return false }
            return algorithm.pools(question.shape, planarInput: question.planar)
        }
        return Set(found)
    }
}
