import OrderedCollections

extension Checkpoint {
    /// The tensors of the network under their own names: without the dictionaries that training scripts wrap around a
    /// state_dict, without what they keep beside it (optimizer, EMA copies), without the prefix `module.` of
    /// DataParallel, and without batch norm's `num_batches_tracked`.
    package func parameters() -> OrderedDictionary<String, StoredTensor> {
        var names = Array(tensors.keys)
        var prefix = ""
        while let wrapper = wrapper(of: names, after: prefix) {
            prefix += wrapper + "."
            names.removeAll { !$0.hasPrefix(prefix) }
        }
        var parameters: OrderedDictionary<String, StoredTensor> = [:]
        for name in names where !name.hasSuffix("num_batches_tracked") {
            parameters[String(name.dropFirst(prefix.count))] = tensors[name]
        }
        return parameters
    }

    private static let wrappers = ["state_dict", "model_state_dict", "model", "sd", "params_ema", "params"]
    private static let companions: Set = [
        "optimizer", "optimizers", "optimizer_state_dict", "optim", "scheduler", "lr_scheduler", "scaler", "amp", "ema",
        "model_ema", "state_dict_ema", "rng_state", "loss", "best_acc1",
    ]

    /// The name that wraps the network: there is nothing beside it but other wrappers and what training leaves.
    private func wrapper(of names: [String], after prefix: String) -> String? {
        let heads = Set(
            names.map { name in
                let rest = name.dropFirst(prefix.count)
                let head = String(rest.prefix { $0 != "." })
                // A tensor at this level is not inside anything.
                return head.count < rest.count || Checkpoint.companions.contains(head) ? head : ""
            })
        if heads == ["module"] { return "module" }
        guard let wrapper = Checkpoint.wrappers.first(where: heads.contains) else { return nil }
        let others = heads.subtracting(Checkpoint.wrappers).subtracting(Checkpoint.companions)
        return others.isEmpty ? wrapper : nil
    }
}

extension StoredTensor {
    /// The bytes that tensors take as stored; those that share memory count once.
    package static func storedBytes(_ tensors: some Sequence<StoredTensor>) -> Int {
        var regions: [ObjectIdentifier: [Range<Int>]] = [:]
        for tensor in tensors where tensor.count > 0 {
            var reach = 1
            for (size, stride) in zip(tensor.shape, tensor.strides) { reach += (size - 1) * stride }
            let region = tensor.byteOffset..<tensor.byteOffset + reach * tensor.scalarType.byteCount
            regions[ObjectIdentifier(tensor.source), default: []].append(region)
        }
        var total = 0
        for regions in regions.values {
            var covered = 0
            for region in regions.sorted(by: { $0.lowerBound < $1.lowerBound }) where region.upperBound > covered {
                total += region.upperBound - max(region.lowerBound, covered)
                covered = region.upperBound
            }
        }
        return total
    }
}
