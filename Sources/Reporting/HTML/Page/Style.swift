/// The page's look: one ink, one accent and two further colours that stay apart for the colour-blind (after Okabe and
/// Ito), each with a lighter form for dark screens.
enum Style {
    static let css: HTML = """

        :root { --paper: #fff; --ink: #1a1d21; --soft: #59626d; --line: #e1e5ea; --shade: #f5f7f9;
          --first: #0b62b0; --second: #c24f08; --rest: #b9c1ca;
          --warn: #8a5a00; --warn-shade: #fff7e6; --bad: #b3261e; --bad-shade: #fdf0ee; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #15181c; --ink: #e7eaee; --soft: #9da7b3; --line: #2d333b; --shade: #1d2126;
            --first: #6db3f8; --second: #ff9a5a; --rest: #5b6570;
            --warn: #f0c160; --warn-shade: #2a2416; --bad: #ff8d82; --bad-shade: #311e1d; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
          font-variant-numeric: tabular-nums; }
        main, footer { max-width: 1120px; margin: 0 auto; padding: 32px 24px; }
        h1 { font-size: 30px; line-height: 1.2; margin: 0 0 4px; font-weight: 650; letter-spacing: -0.01em; }
        h2 { font-size: 19px; line-height: 1.3; margin: 48px 0 4px; font-weight: 650; }
        h3 { font-size: 15px; margin: 24px 0 4px; font-weight: 650; }
        p { margin: 4px 0 12px; max-width: 100ch; }
        .lead span { display: inline-block; margin-right: 18px; }
        a { color: var(--first); }
        .lead, .note, figcaption, small { color: var(--soft); }
        .note, figcaption { font-size: 13.5px; }
        .id { overflow-wrap: anywhere; unicode-bidi: isolate; }
        small { display: block; font-size: 12.5px; font-weight: 400; }
        article + article { margin-top: 72px; border-top: 1px solid var(--line); padding-top: 40px; }
        nav { margin: 16px 0 0; font-size: 13.5px; }
        nav a { margin-right: 14px; white-space: nowrap; text-decoration: none; }
        nav a:hover { text-decoration: underline; }
        .figures { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 24px 0 8px; padding: 0; }
        .figures div { min-width: 96px; }
        .figures dd { margin: 0; font-size: 25px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
        .figures dt { color: var(--soft); font-size: 13px; }
        .notice { border-left: 3px solid var(--warn); background: var(--warn-shade); padding: 10px 16px; margin: 16px 0;
          border-radius: 2px; font-size: 14px; overflow-wrap: anywhere; }
        .notice.bad { border-color: var(--bad); background: var(--bad-shade); }
        .notice strong { color: var(--warn); }
        .notice.bad strong { color: var(--bad); }
        .notice ul { margin: 2px 0 0; padding-left: 18px; }
        .scroll { overflow-x: auto; }
        figure.table { margin: 8px 0 16px; }
        figure.table figcaption { margin-bottom: 6px; max-width: 96ch; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; line-height: 1.35; }
        th, td { text-align: left; padding: 7px 10px; border-bottom: 1px solid var(--line); font-weight: 400;
          vertical-align: middle; }
        th:first-child { padding-left: 0; }
        tbody th { min-width: 150px; max-width: 340px; overflow-wrap: anywhere; }
        thead th { color: var(--soft); font-size: 12.5px; white-space: nowrap; vertical-align: bottom; }
        td.wide { width: 76%; overflow-wrap: anywhere; }
        td.number, th.number { text-align: right; white-space: nowrap; }
        td.chart, th.chart { width: 40%; min-width: 290px; position: relative; padding: 0 18px; }
        tbody tr:hover { background: var(--shade); }
        thead button { all: unset; cursor: pointer; }
        thead button:hover, thead button:focus-visible { color: var(--ink); text-decoration: underline; }
        th[aria-sort=ascending] button::after { content: " \\2191"; }
        th[aria-sort=descending] button::after { content: " \\2193"; }
        svg { display: block; overflow: visible; }
        svg.row { position: absolute; left: 18px; top: 0; width: calc(100% - 36px); }
        svg text { fill: var(--soft); font-size: 12px; }
        svg text.title { font-size: 12.5px; }
        svg text.name { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
        svg line, svg path { vector-effect: non-scaling-stroke; fill: none; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .one { stroke: var(--soft); stroke-width: 1; }
        .spread { stroke: var(--rest); stroke-width: 2; }
        .interval { stroke: var(--first); stroke-width: 10; stroke-opacity: 0.35; }
        .interval.other { stroke: var(--second); }
        circle { fill: var(--first); stroke: var(--paper); stroke-width: 1.5; }
        circle.other { fill: var(--second); }
        circle.off { fill: var(--paper); stroke: var(--soft); }
        .whisker { stroke: var(--rest); stroke-width: 1.5; }
        .front { stroke: var(--first); stroke-width: 1.5; stroke-opacity: 0.6; }
        .samples { stroke: var(--first); stroke-width: 4; stroke-linecap: round; stroke-opacity: 0.65; }
        .outliers { stroke: var(--second); stroke-width: 5; stroke-linecap: round; }
        .median { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 4 3; }
        .process { stroke: var(--rest); stroke-width: 1; stroke-dasharray: 2 3; }
        .history { stroke: var(--first); stroke-width: 1.5; stroke-opacity: 0.55; stroke-linejoin: round; }
        .level { stroke: var(--ink); stroke-width: 1.5; }
        .step { stroke: var(--second); stroke-width: 1.5; stroke-dasharray: 3 3; }
        rect.first, .swatch.first { fill: var(--first); background: var(--first); }
        rect.second, .swatch.second { fill: var(--second); background: var(--second); }
        rect.rest, .swatch.rest { fill: var(--rest); background: var(--rest); }
        rect.bin { fill: var(--first); fill-opacity: 0.45; }
        .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 10px; }
        .swatch.dot { border-radius: 50%; }
        figure { margin: 16px 0; }
        .margin { padding: 8px 26px 0 62px; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 8px 40px; }
        .many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 0 36px; }
        .many figure { margin: 10px 0; min-width: 0; }
        .many .margin { padding-top: 4px; }
        .many figcaption b { color: var(--ink); font-weight: 600; }
        .crops { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 14px 12px;
          margin: 8px 0 24px; padding: 0; list-style: none; }
        .crops img { display: block; width: 100%; height: auto; image-rendering: pixelated; }
        .crops li { overflow-wrap: anywhere; font-size: 13.5px; }
        .crops img + span { display: block; margin-top: 4px; }
        details { border-bottom: 1px solid var(--line); }
        summary { cursor: pointer; padding: 8px 0; font-size: 14px; }
        summary span + span { color: var(--soft); font-size: 13px; margin-left: 12px; }
        details figure { margin: 4px 0 20px; }
        footer { color: var(--soft); font-size: 13px; border-top: 1px solid var(--line); }
        footer li { margin: 3px 0; max-width: 90ch; }
        footer ul { padding-left: 18px; }
        @media (max-width: 640px) {
          main, footer { padding: 20px 16px; }
          h1 { font-size: 25px; }
          .figures { gap: 10px 28px; }
          .figures dd { font-size: 21px; }
          tbody th, thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--paper);
            min-width: 118px; max-width: 170px; }
          .crops { grid-template-columns: 1fr 1fr; }
          .margin { padding-left: 54px; padding-right: 20px; }
          svg text.name.minor { display: none; } }
        @media print {
          :root { --paper: #fff; --ink: #000; --soft: #444; --line: #ccc; --shade: #fff; --first: #0b62b0;
            --second: #c24f08; --rest: #b0b8c0; --warn: #8a5a00; --warn-shade: #fff; --bad: #b3261e;
            --bad-shade: #fff; }
          @page { margin: 14mm; }
          body { font-size: 10pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          main, footer { max-width: none; padding: 0; }
          nav, details:not([open]) { display: none; }
          h2, h3, figcaption { break-after: avoid; }
          h2 { margin-top: 28px; }
          tr, figure:not(.table), .notice { break-inside: avoid; }
          .scroll { overflow: visible; }
          .pair { grid-template-columns: 1fr 1fr; }
          .many { grid-template-columns: repeat(3, 1fr); }
          .crops { grid-template-columns: repeat(5, 1fr); }
          .crops li { break-inside: avoid; }
          table, figcaption { font-size: 8.5pt; }
          th, td { padding: 4px 6px; }
          td.chart, th.chart { min-width: 150px; width: 30%; }
          article + article { break-before: page; } }

        """
}
