import Foundation
import Yams

/// A mapping of a YAML file, read strictly: a key that nobody asked for is an error that names it and its line.
struct YAMLMapping {
    let file: String
    let line: Int?
    private let nodes: [String: Node]

    /// Reads a whole file, at most 1 MiB, whose top is a mapping with no keys but `allowed`.
    static func read(_ file: String, allowed: Set<String>) throws(ConfigurationError) -> YAMLMapping {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw .inaccessible(
                file: file, reason: FileManager.default.fileExists(atPath: file) ? "cannot be read" : "no such file")
        }
        guard data.count <= 1 << 20, let text = String(validating: data, as: UTF8.self) else {
            throw .malformed(file: file, line: nil, reason: "not a YAML text of at most 1 MiB in UTF-8")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            var line: Int?
            var reason = "not valid YAML"
            if case YamlError.parser(_, let problem, let mark, _) = error { (line, reason) = (mark.line, problem) }
            if case YamlError.scanner(_, let problem, let mark, _) = error { (line, reason) = (mark.line, problem) }
            throw .malformed(file: file, line: line, reason: reason)
        }
        guard let root else { throw .malformed(file: file, line: nil, reason: "the file is empty") }
        return try YAMLMapping(root, file: file, allowed: allowed)
    }

    init(_ node: Node, file: String, allowed: Set<String>) throws(ConfigurationError) {
        guard case .mapping(let mapping) = node else {
            throw .malformed(file: file, line: node.mark?.line, reason: "a mapping (key: value) is expected here")
        }
        var nodes: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.string, allowed.contains(name) else {
                throw .malformed(
                    file: file, line: key.mark?.line,
                    reason:
                        "unknown key '\(key.string ?? "?")'; known here: \(allowed.sorted().joined(separator: ", "))")
            }
            guard nodes.updateValue(value, forKey: name) == nil else {
                throw .malformed(file: file, line: key.mark?.line, reason: "key '\(name)' stands here twice")
            }
        }
        self.file = file
        self.nodes = nodes
        line = node.mark?.line
    }

    func has(_ key: String) -> Bool {
        guard let node = nodes[key] else { return false }
        return node.null == nil
    }

    func text(_ key: String) throws(ConfigurationError) -> String? {
        try scalar(key, "a text") { $0.string }
    }

    func requiredText(_ key: String) throws(ConfigurationError) -> String {
        guard let value = try text(key) else {
            throw .malformed(file: file, line: line, reason: "key '\(key)' is missing")
        }
        return value
    }

    func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        try scalar(key, "true or false") { $0.bool }
    }

    func number(_ key: String) throws(ConfigurationError) -> Double? {
        try scalar(key, "a number") { $0.float ?? $0.int.map(Double.init) }
    }

    /// A whole number in `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        try scalar(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { node in
            node.int.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// One whole number, or a list of them.
    func integers(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> [Int]? {
        try list(key, "whole numbers from \(range.lowerBound) to \(range.upperBound)") { node in
            node.int.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func numbers(_ key: String) throws(ConfigurationError) -> [Double]? {
        try list(key, "numbers") { $0.float ?? $0.int.map(Double.init) }
    }

    func texts(_ key: String) throws(ConfigurationError) -> [String]? {
        try list(key, "texts") { $0.string }
    }

    func mapping(_ key: String, allowed: Set<String>) throws(ConfigurationError) -> YAMLMapping? {
        guard has(key), let node = nodes[key] else { return nil }
        return try YAMLMapping(node, file: file, allowed: allowed)
    }

    func mappings(_ key: String, allowed: Set<String>) throws(ConfigurationError) -> [YAMLMapping]? {
        guard has(key), let node = nodes[key] else { return nil }
        guard case .sequence(let sequence) = node else { throw wrong(key, "a list of mappings") }
        var result: [YAMLMapping] = []
        for item in sequence { result.append(try YAMLMapping(item, file: file, allowed: allowed)) }
        return result
    }

    /// The error that says what stands at `key` is not what it should be.
    func wrong(_ key: String, _ expected: String) -> ConfigurationError {
        .malformed(file: file, line: nodes[key]?.mark?.line ?? line, reason: "'\(key)' should be \(expected)")
    }

    private func scalar<Value>(
        _ key: String, _ expected: String, _ read: (Node) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard has(key), let node = nodes[key] else { return nil }
        guard let value = read(node) else { throw wrong(key, expected) }
        return value
    }

    private func list<Value>(
        _ key: String, _ expected: String, _ read: (Node) -> Value?
    ) throws(ConfigurationError) -> [Value]? {
        guard has(key), let node = nodes[key] else { return nil }
        let items: [Node] = if case .sequence(let sequence) = node { Array(sequence) } else { [node] }
        let values = items.compactMap(read)
        guard values.count == items.count, !values.isEmpty else { throw wrong(key, expected) }
        return values
    }
}
