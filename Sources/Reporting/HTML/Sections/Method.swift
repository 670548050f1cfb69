/// How the numbers were taken, at the foot of the page.
enum Method {
    static let html: HTML = """
        <p>How the numbers were taken</p>
        <ul>
        <li>Every case ran in processes of its own, warmed up before the first sample. All samples are kept; outliers are \
        marked, never dropped.</li>
        <li>Latency is the time of one inference of the whole batch. Its interval is the distribution-free one of the \
        median, between two order statistics, at 95 %. A high percentile is given only from enough samples on.</li>
        <li>Ratios are of geometric means of the processes’ medians; their 95 % intervals are those of a t-test on the \
        logarithms, with the process as the unit.</li>
        <li>Peak RSS is the highest resident size of the case’s own process.</li>
        <li>Accuracies are of the very network that was timed; their intervals are Wilson’s. A network with random weights \
        has none.</li>
        <li>Steps in the history are found by the L1 Potts functional, on runs of one machine alone.</li>
        </ul>

        """
}
