/// The page around the chapters. It needs nothing but itself: no network, no script to be read.
enum Skeleton {
    static func page(title: String, chapters: [HTML]) -> String {
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="generator" content="harness"/>
            <title>\(title)</title>
            <style>\(Style.css)</style>
            </head>
            <body>
            <main>
            \(chapters)</main>
            <footer>
            \(Method.html)</footer>
            <script>\(Script.source)</script>
            </body>
            </html>

            """
        return page.text
    }
}
