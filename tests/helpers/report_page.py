"""A page of the workflow, read: its tables, tags, links and prose."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Cells of tables by caption, tags, references to other files, text by section."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.tables, self.ids, self.prose = [], [], {}, [], []
        self.caption, self.cell, self.exact, self.row = None, None, None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.ids += [attrs["id"]] if "id" in attrs else []
        for key in ("src", "href", "xlink:href"):
            if key in attrs:
                self.links.append(attrs[key])
        if tag == "caption":
            self.caption = ""
        if tag in ("td", "th"):
            self.cell, self.exact = "", attrs.get("data-v")
        if tag == "tr":
            self.row = []

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        elif self.tags[-2:] == ["caption", "span"]:
            self.caption += data.strip()
        elif self.tags and self.tags[-1] in ("li", "p"):
            self.prose.append(data.strip())

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.row.append((" ".join(self.cell.split()), self.exact))
            self.cell = None
        if tag == "tr":
            self.tables.setdefault(self.caption, []).append(self.row)

    def texts(self, caption):
        return [[text for text, _ in row] for row in self.tables[caption]]
