/// Why a checkpoint could not be read or written; its text is one line that names the file.
package enum CheckpointError: Error, CustomStringConvertible {
    /// The file cannot be opened, read or written.
    case inaccessible(file: String, reason: String)
    /// The file is not what it should be.
    case malformed(file: String, reason: String)

    package var description: String {
        switch self {
        case .inaccessible(let file, let reason), .malformed(let file, let reason): "\(file): \(reason)"
        }
    }
}

/// What is wrong with the bytes of a file; the readers throw it, and whoever knows the file's name adds that.
struct Defect: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    func inFile(_ file: String) -> CheckpointError { .malformed(file: file, reason: reason) }
}

/// A name that came from a file, made fit for one line of a terminal or log.
func quoted(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(100)
    var text = "`"
    for scalar in shown {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + (shown.count < name.unicodeScalars.count ? "…`" : "`")
}

/// Refuses names of tensors that would play tricks where they are printed or passed to C.
func checkName(_ name: String) throws(Defect) {
    guard name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
        throw Defect("the name \(quoted(name)) contains control characters")
    }
}

/// The number of elements of a shape from a file, or nil where the shape is negative, of more than 64 dimensions (as in
/// PyTorch), or so large that products over any of its dimensions might overflow.
func checkedCount(_ shape: [Int]) -> Int? {
    guard shape.count <= 64 else { return nil }
    var product = 1
    for size in shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
        guard size >= 0, !overflow, next <= Int.max / 16 else { return nil }
        product = next
    }
    return shape.contains(0) ? 0 : product
}
