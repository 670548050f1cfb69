/// `output = a + b`, rectified if asked; `count` is a multiple of 16, as everywhere here.
package func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int, relu: Bool
) {
    for index in stride(from: 0, to: count, by: 16) {
        let sum = Vector(a + index) + Vector(b + index)
        (relu ? sum.rectified : sum).store(output + index)
    }
}

package func rectify(_ input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int) {
    for index in stride(from: 0, to: count, by: 16) { Vector(input + index).rectified.store(output + index) }
}

package func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int
) {
    for index in stride(from: 0, to: count, by: 16) { (Vector(a + index) * Vector(b + index)).store(output + index) }
}

/// `output = input · scale + shift` on one block of channels of `count / 16` pixels; `scale` and `shift` hold 16.
package func scaleChannels(
    _ input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>
) {
    let (scale, shift) = (Vector(scale), Vector(shift))
    for index in stride(from: 0, to: count, by: 16) {
        var value = shift
        value.accumulate(Vector(input + index), scale)
        value.store(output + index)
    }
}
