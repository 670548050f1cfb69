import Interchange
import Testing

struct ParametersTests {
    @Test(arguments: [
        (["conv.weight", "bn.num_batches_tracked", "fc.bias"], ["conv.weight", "fc.bias"]),
        (["module.conv.weight", "module.fc.bias"], ["conv.weight", "fc.bias"]),
        (["model.sd.encoder.head.0.weight", "optimizer.state.0.exp_avg"], ["encoder.head.0.weight"]),
        (["state_dict.module.a.b", "optimizer.state.0.m", "model_ema.a.b"], ["a.b"]),
        (["params.a", "params_ema.a"], ["a"]),
        (["state_dict.a", "best_acc1"], ["a"]),
        // Parts of a network that happen to be named like a wrapper stay what they are.
        (["model.0.weight", "head.weight"], ["model.0.weight", "head.weight"]),
        (["model", "params.a"], ["model", "params.a"]),
        (["module.a", "fc.a"], ["module.a", "fc.a"]),
    ])
    func peeling(_ names: [String], _ expected: [String]) {
        var checkpoint = Checkpoint(file: "memory")
        for name in names { checkpoint.tensors[name] = StoredTensor([1] as [Int8], shape: [1]) }
        #expect(Array(checkpoint.parameters().keys) == expected)
    }
}
