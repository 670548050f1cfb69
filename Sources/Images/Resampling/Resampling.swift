extension Image {
    /// The image at another size, bit for bit as Pillow's `resize`: a horizontal pass, then a vertical one, each
    /// rounded to 8 bits. An axis that keeps its size is left alone.
    package func resized(width newWidth: Int, height newHeight: Int, _ interpolation: Interpolation) -> Image {
        resized(
            width: newWidth, height: newHeight, interpolation, columns: 0..<newWidth, rows: 0..<newHeight)
    }

    /// The part `columns` × `rows` of the resized image, at the price of that part.
    package func resized(
        width newWidth: Int, height newHeight: Int, _ interpolation: Interpolation, columns: Range<Int>,
        rows: Range<Int>
    ) -> Image {
        precondition(newWidth > 0 && newHeight > 0 && columns.upperBound <= newWidth && rows.upperBound <= newHeight)
        if interpolation == .nearest { return nearest(newWidth, newHeight, columns, rows) }
        let vertical = FilterTable(interpolation, inputSize: height, outputSize: newHeight, outputs: rows)
        let horizontal = FilterTable(interpolation, inputSize: width, outputSize: newWidth, outputs: columns)
        // Pillow 13 takes the vertical pass first where the height shrinks much more (its pull request 9549).
        if newWidth != width, height - newHeight > max(0, 2 * (width - newWidth)) {
            return cropped(columns: horizontal.inputs, rows: vertical.inputs)
                .stacked(vertical, from: vertical.inputs.lowerBound)
                .shrunk(horizontal, rows: 0..<rows.count, from: horizontal.inputs.lowerBound)
        }
        let needed = newHeight == height ? rows : vertical.inputs
        let wide =
            newWidth == width ? cropped(columns: columns, rows: needed) : shrunk(horizontal, rows: needed)
        return newHeight == height ? wide : wide.stacked(vertical, from: needed.lowerBound)
    }

    package func cropped(columns: Range<Int>, rows: Range<Int>) -> Image {
        if columns == 0..<width, rows == 0..<height { return self }
        var part: [UInt8] = []
        part.reserveCapacity(columns.count * rows.count * channels)
        for row in rows {
            let start = (row * width + columns.lowerBound) * channels
            part += pixels[start..<start + columns.count * channels]
        }
        return Image(width: columns.count, height: rows.count, channels: channels, pixels: part)
    }

    private func nearest(_ newWidth: Int, _ newHeight: Int, _ columns: Range<Int>, _ rows: Range<Int>) -> Image {
        var result: [UInt8] = []
        result.reserveCapacity(columns.count * rows.count * channels)
        let from = Self.centres(width, newWidth)[columns]
        for row in Self.centres(height, newHeight)[rows] {
            for column in from {
                let start = (row * width + column) * channels
                result += pixels[start..<start + channels]
            }
        }
        return Image(width: columns.count, height: rows.count, channels: channels, pixels: result)
    }

    /// The input position under the centre of each output position; summed up step by step as Pillow does, whose
    /// rounding can differ from a product's.
    private static func centres(_ size: Int, _ newSize: Int) -> [Int] {
        let step = Double(size) / Double(newSize)
        var position = step * 0.5
        return (0..<newSize).map { _ in
            defer { position += step }
            return min(Int(position), size - 1)
        }
    }

    /// The horizontal pass over some rows; this image begins at column `first` of the one that `table` is for.
    private func shrunk(_ table: FilterTable, rows: Range<Int>, from first: Int = 0) -> Image {
        let newWidth = table.starts.count
        let (width, channels) = (width, channels)
        let result = [UInt8](unsafeUninitializedCapacity: rows.count * newWidth * channels) { target, count in
            count = rows.count * newWidth * channels
            pixels.withUnsafeBufferPointer { source in
                table.weights.withUnsafeBufferPointer { weights in
                    for (index, row) in rows.enumerated() {
                        let line = source.baseAddress! + (row * width - first) * channels
                        let out = target.baseAddress! + index * newWidth * channels
                        if channels == 3 {
                            horizontalRGB(line, out, table, weights.baseAddress!)
                        } else {
                            horizontal(line, out, table, weights.baseAddress!, channels)
                        }
                    }
                }
            }
        }
        return Image(width: newWidth, height: rows.count, channels: channels, pixels: result)
    }

    /// The vertical pass; this image begins at row `first` of the one that `table` is for.
    private func stacked(_ table: FilterTable, from first: Int) -> Image {
        let length = width * channels
        let newHeight = table.starts.count
        let result = [UInt8](unsafeUninitializedCapacity: newHeight * length) { target, count in
            count = newHeight * length
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: length) { sums in
                    for row in 0..<newHeight {
                        sums.update(repeating: half)
                        for tap in 0..<table.counts[row] {
                            let weight = table.weights[row * table.width + tap]
                            let line = source.baseAddress! + (table.starts[row] - first + tap) * length
                            for x in 0..<length { sums[x] &+= Int32(line[x]) &* weight }
                        }
                        let out = target.baseAddress! + row * length
                        for x in 0..<length { out[x] = clipped(sums[x]) }
                    }
                }
            }
        }
        return Image(width: width, height: newHeight, channels: channels, pixels: result)
    }
}

private let half: Int32 = 1 << (Int32(FilterTable.precision) - 1)

@inline(__always)
private func clipped(_ sum: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, sum >> 22))) }

private func horizontalRGB(
    _ line: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>, _ table: FilterTable,
    _ weights: UnsafePointer<Int32>
) {
    for x in 0..<table.starts.count {
        var (red, green, blue) = (half, half, half)
        var pixel = line + table.starts[x] * 3
        let row = weights + x * table.width
        for tap in 0..<table.counts[x] {
            let weight = row[tap]
            red &+= Int32(pixel[0]) &* weight
            green &+= Int32(pixel[1]) &* weight
            blue &+= Int32(pixel[2]) &* weight
            pixel += 3
        }
        out[x * 3] = clipped(red)
        out[x * 3 + 1] = clipped(green)
        out[x * 3 + 2] = clipped(blue)
    }
}

private func horizontal(
    _ line: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>, _ table: FilterTable,
    _ weights: UnsafePointer<Int32>, _ channels: Int
) {
    for x in 0..<table.starts.count {
        for channel in 0..<channels {
            var sum = half
            for tap in 0..<table.counts[x] {
                sum &+= Int32(line[(table.starts[x] + tap) * channels + channel]) &* weights[x * table.width + tap]
            }
            out[x * channels + channel] = clipped(sum)
        }
    }
}
