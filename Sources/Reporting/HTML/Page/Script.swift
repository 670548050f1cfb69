/// Sorting of tables by a click on a heading: all that the page does with a script.
enum Script {
    static let source: HTML = """

        for (const table of document.querySelectorAll("table.sortable")) {
          const body = table.tBodies[0];
          table.querySelectorAll("thead th:not(.chart)").forEach((heading) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...heading.childNodes);
            heading.append(button);
            button.addEventListener("click", () => {
              const descending = heading.getAttribute("aria-sort") === "ascending";
              const column = heading.cellIndex;
              const key = (row) => {
                const cell = row.cells[column];
                return "key" in cell.dataset ? Number(cell.dataset.key) : cell.textContent;
              };
              const order = (a, b) => {
                const [x, y] = [key(a), key(b)];
                if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
                const sign = typeof x === "number" ? x - y : x.localeCompare(y, undefined, { numeric: true });
                return descending ? -sign : sign;
              };
              body.append(...Array.from(body.rows).sort(order));
              for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
              heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
            });
          });
        }

        """
}
