import Measurement
import Reporting
import Testing

@Suite struct FormatTests {
    @Test(arguments: [
        (1.5, "1.50 s"), (0.9996, "1.00 s"), (0.01324, "13.2 ms"), (0.09997, "100 ms"), (4.2e-5, "42.0 µs"),
        (3e-9, "3.00 ns"), (0, "0.00 ns"), (1_234.4, "1,234 s"),
    ])
    func seconds(_ value: Double, _ text: String) { #expect(Format.seconds(value) == text) }

    @Test(arguments: [
        (Interval(0.0131, 0.0134), "13.1 … 13.4 ms"), (Interval(0.2139, 0.2148), "213.9 … 214.8 ms"),
        (Interval(0.003, 0.02), "3.0 … 20.0 ms"), (Interval(2, 2), "2.00 … 2.00 s"),
        (Interval(0.9, 1.1), "0.90 … 1.10 s"),
    ])
    func interval(_ interval: Interval, _ text: String) { #expect(Format.interval(interval) == text) }

    @Test func groupsThousands() {
        #expect(
            [0, 999, 1_000, 1_234_567, -12_345].map(Format.grouped) == ["0", "999", "1,000", "1,234,567", "-12,345"])
        #expect(Format.plural(1, "process", "processes") == "1 process")
        #expect(Format.plural(2_000, "case") == "2,000 cases")
    }

    @Test func keepsTextOnALine() {
        #expect(Format.line("a\r\nb\tc\u{1B}[31m\u{202E}d") == "a  b c\u{FFFD}[31m\u{FFFD}d")
        #expect(Format.line("日本 👩‍👩‍👧") == "日本 👩‍👩‍👧")
    }

    @Test func tableAlignsItsColumns() {
        var table = TextTable(header: ["a", "b"])
        table.add(["long", "1"])
        table.add(["x"])
        #expect(table.text == "a     b\nlong  1\nx")
    }
}
