/// Which fields of two runs differ, and which of these keep their times from being compared.
enum Comparability {
    static func differences(_ a: EnvironmentRecord, _ b: EnvironmentRecord, anyMachine: Bool) -> [Difference] {
        let machine: [(String, String?, String?)] = [
            ("environment.cpu.model", a.cpu.model, b.cpu.model),
            ("environment.cpu.cores", "\(a.cpu.cores)", "\(b.cpu.cores)"),
            ("environment.cpu.isa", a.cpu.isa, b.cpu.isa),
            ("environment.architecture", a.architecture, b.architecture),
        ]
        let other: [(String, String?, String?)] = [
            ("environment.os", a.os, b.os), ("environment.kernel", a.kernel, b.kernel),
            ("environment.swift", a.swift, b.swift), ("environment.governor", a.governor, b.governor),
            ("environment.turbo", a.turbo.map { "\($0)" }, b.turbo.map { "\($0)" }),
            ("environment.smt", a.smt.map { "\($0)" }, b.smt.map { "\($0)" }),
            ("environment.cgroup_cpus", a.cgroupCPUs.map { "\($0)" }, b.cgroupCPUs.map { "\($0)" }),
            ("environment.openblas.version", a.openblas?.version, b.openblas?.version),
            ("environment.openblas.core", a.openblas?.core, b.openblas?.core),
            ("environment.cpu.microcode", a.cpu.microcode, b.cpu.microcode),
        ]
        return unequal(machine, decisive: !anyMachine) + unequal(other, decisive: false)
    }

    static func differences(_ a: CaseRecord, _ b: CaseRecord) -> [Difference] {
        let decisive: [(String, String?, String?)] = [
            ("model", a.model, b.model), ("variant", a.variant, b.variant), ("engine", a.engine, b.engine),
            ("scenario", a.scenario?.name.rawValue, b.scenario?.name.rawValue),
            ("threads", "\(a.threads)", "\(b.threads)"), ("batch", "\(a.batch)", "\(b.batch)"),
            ("input", "\(a.input)", "\(b.input)"), ("isa", a.isa, b.isa),
            ("weights.source", a.weights?.source.rawValue, b.weights?.source.rawValue),
            ("weights.sha256", a.weights?.sha256, b.weights?.sha256),
            ("pixels_sha256", a.pixelsSHA256, b.pixelsSHA256), ("tensors_sha256", a.tensorsSHA256, b.tensorsSHA256),
            ("input_sha256", a.inputSHA256, b.inputSHA256),
        ]
        let other: [(String, String?, String?)] = [
            ("engine_version", a.engineVersion, b.engineVersion), ("form", a.form, b.form),
            ("decode", a.decode, b.decode),
        ]
        return unequal(decisive, decisive: true) + unequal(other, decisive: false)
    }

    /// In words, for the fields whose name does not say it.
    static func explanation(_ differences: [Difference]) -> String {
        let fields = differences.filter(\.decisive).map(\.field)
        if fields.contains("pixels_sha256") { return "the images were decoded to other pixels" }
        if fields.contains("tensors_sha256") { return "the same pixels were prepared to other inputs" }
        if fields == ["input_sha256"] { return "the inputs differ, from preprocessing or the data itself" }
        return "different " + fields.joined(separator: ", ")
    }

    /// A fact that one side lacks is no difference.
    private static func unequal(_ fields: [(String, String?, String?)], decisive: Bool) -> [Difference] {
        fields.compactMap { name, a, b in
            guard let a, let b, a != b else { return nil }
            return Difference(field: name, baseline: a, candidate: b, decisive: decisive)
        }
    }
}
