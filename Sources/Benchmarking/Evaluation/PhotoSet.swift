import Images
import Tensors

/// Photographs to measure upsampling with: high-resolution images, some with their low-resolution versions.
package struct PhotoSet: Sendable {
    package struct Item: Sendable {
        package let high: String
        /// Nil: to be made from the other.
        package let low: String?
    }

    package let name: String
    /// Sorted by file name.
    package let items: [Item]

    /// A set by its name in one of the folders `datasets`, or by the path of its own folder: images; or pairs, in
    /// sub-folders `HR` and `LR` under the same names, or beside each other under names that differ in `HR` and `LR`.
    package static func find(_ name: String, in datasets: [String]) throws(ConfigurationError) -> PhotoSet {
        let found = name.contains("/") ? nil : Locations.first(name, in: datasets)
        let folder = found ?? name
        guard Locations.isFolder(folder) else {
            if Locations.exists(folder) {
                throw .malformed(
                    file: folder, line: nil, reason: "a set of photographs is a folder, and this is a file")
            }
            if name.contains("/") { throw .inaccessible(file: name, reason: "no such folder") }
            throw .unknown(kind: "data set", name: name, known: DatasetManifest.names(in: datasets))
        }
        let items = items(in: folder)
        guard !items.isEmpty else {
            throw .malformed(file: folder, line: nil, reason: "there are no PNG or JPEG files in this folder")
        }
        let last = folder.split(separator: "/").last { $0 != "." && $0 != ".." }
        return PhotoSet(name: last.map(String.init) ?? folder, items: items)
    }

    private static func items(in folder: String) -> [Item] {
        if Locations.isFolder(folder + "/HR") {
            return images(in: folder + "/HR").map { name in
                let low = "\(folder)/LR/\(name)"
                return Item(high: "\(folder)/HR/\(name)", low: Locations.exists(low) ? low : nil)
            }
        }
        let names = images(in: folder)
        if names.isEmpty, Locations.isFolder(folder + "/images") { return items(in: folder + "/images") }
        return names.filter { !names.contains($0.replacing("LR", with: "HR")) || !$0.contains("LR") }.map { name in
            let low = name.replacing("HR", with: "LR")
            return Item(high: "\(folder)/\(name)", low: low != name && names.contains(low) ? "\(folder)/\(low)" : nil)
        }
    }

    private static func images(in folder: String) -> [String] {
        Locations.entries(of: folder).filter { name in
            [".png", ".jpg", ".jpeg"].contains { name.lowercased().hasSuffix($0) }
        }
    }
}

extension PhotoSet.Item {
    /// The middle of the high-resolution image in the proportions asked for, shrunk (or enlarged) by bicubic
    /// resampling: 1×3×height×width in [0, 1].
    func input(height: Int, width: Int) throws(ImageError) -> Tensor {
        let image = try ImageFile(high).image
        let scale = min(Double(image.width) / Double(width), Double(image.height) / Double(height))
        let (columns, rows) = (
            min(max(Int(Double(width) * scale), 1), image.width), min(max(Int(Double(height) * scale), 1), image.height)
        )
        let (left, top) = ((image.width - columns) / 2, (image.height - rows) / 2)
        return PlanarImage(
            image.cropped(columns: left..<left + columns, rows: top..<top + rows).bicubic(width: width, height: height)
        ).colours
    }
}
