import Foundation
import Hashing

/// Results to and from the bytes of a file.
///
/// The document is written with sorted keys, one key a line and arrays of numbers on one line, so that two files can be
/// read side by side. Its key `content_sha256` holds the SHA-256 of the document's text without the white space between
/// tokens and with that digest itself replaced by nothing; so a reformatted file is intact and an edited one is not.
/// Whoever edits a file on purpose removes the key.
package enum ResultsCoding {
    /// Values must be finite, as JSON has no others.
    package static func encode(_ results: Results) throws(MeasurementError) -> Data {
        let encoder = encoder()
        do {
            var results = results
            results.contentSHA256 = ""
            results.contentSHA256 = digest(try encoder.encode(results))
            return JSONText.indented(try encoder.encode(results))
        } catch {
            throw .malformed(file: "results of \(results.run.suite)", reason: brief(error))
        }
    }

    /// Any other document, in the same style. Values must be finite.
    package static func document(_ value: some Encodable) throws(MeasurementError) -> Data {
        do {
            return JSONText.indented(try encoder().encode(value))
        } catch {
            throw .malformed(file: "JSON document", reason: brief(error))
        }
    }

    /// Checks the digest, the schema and the values; `file` is named in errors.
    package static func decode(_ data: Data, file: String) throws(MeasurementError) -> Results {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            for style in [timestamps, fractionalTimestamps] {
                if let date = try? style.parse(text) { return date }
            }
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 time: \(text)")
        }
        do {
            let results: Results
            do {
                results = try decoder.decode(Results.self, from: data)
            } catch let error as DecodingError {
                // A file of another schema may look different everywhere else.
                try decoder.decode(Header.self, from: data).check(data, file: file)
                throw error
            }
            try Header(schema: results.schema, contentSHA256: results.contentSHA256).check(data, file: file)
            if let reason = results.flaw { throw MeasurementError.malformed(file: file, reason: reason) }
            return results
        } catch let error as MeasurementError {
            throw error
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw .malformed(file: file, reason: "not a whole JSON document: \(syntaxError(in: data))")
        } catch {
            throw .malformed(file: file, reason: brief(error))
        }
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(timestamps))
        }
        return encoder
    }

    private struct Header: Decodable {
        let schema: Int
        let contentSHA256: String?

        enum CodingKeys: String, CodingKey {
            case schema
            case contentSHA256 = "content_sha256"
        }

        func check(_ data: Data, file: String) throws(MeasurementError) {
            guard schema == Results.currentSchema else {
                let relation = schema > Results.currentSchema ? "newer" : "unknown"
                throw .malformed(
                    file: file,
                    reason: "schema \(schema) is \(relation); this program reads \(Results.currentSchema)")
            }
            guard contentSHA256 == nil || contentSHA256 == ResultsCoding.digest(data) else {
                throw .malformed(
                    file: file,
                    reason:
                        "edited after it was written: it does not match its content_sha256 (drop that key to allow it)")
            }
        }
    }

    private static let timestamps = Date.ISO8601FormatStyle()
    private static let fractionalTimestamps = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func digest(_ document: Data) -> String {
        var hash = SHA256()
        hash.update(JSONText.canonical(document, blanking: "content_sha256"))
        return hash.hexadecimal()
    }

    /// One line that says where and what.
    private static func brief(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined().trimmingPrefix(".")
                + (path.isEmpty ? "" : ": ")
        }
        return switch error {
        case DecodingError.dataCorrupted(let context): place(context.codingPath) + context.debugDescription
        case DecodingError.keyNotFound(let key, let context): place(context.codingPath + [key]) + "is missing"
        case DecodingError.valueNotFound(_, let context): place(context.codingPath) + "is null"
        case DecodingError.typeMismatch(let type, let context):
            place(context.codingPath) + "is not of the type \(type)"
        case EncodingError.invalidValue(let value, let context):
            place(context.codingPath) + "\(value) cannot be written"
        default: "\(error)"
        }
    }

    /// What the parser found and where, which `JSONDecoder` keeps to itself.
    private static func syntaxError(in data: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data)
            return "a number is out of range"
        } catch {
            return (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? "malformed text"
        }
    }
}
