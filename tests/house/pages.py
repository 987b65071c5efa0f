"""The documentation as its tests read it: pages of Markdown, their tables, examples and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (?P<title>.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, somewhere in the checkout."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def examples(self, language: str, below: str | None = None) -> list[str]:
        """The fenced blocks of a language, perhaps of one chapter; of a shell, with continued lines joined."""
        text = self.text if below is None else self.chapter(below)
        found = [match["text"] for match in _FENCE.finditer(text) if match["language"] == language]
        return [text.replace("\\\n", " ") for text in found]

    def chapter(self, title: str) -> str:
        """What stands below a heading of the second order, up to the next one."""
        (text,) = re.findall(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", self.text, re.MULTILINE | re.DOTALL)
        return str(text)

    def rows(self, title: str) -> dict[str, list[str]]:
        """The cells of the tables below a heading, up to the next one, by the text of their first."""
        return {cells[0].strip("`"): cells[1:] for heading, cells in self._rows() if heading == title}

    def links(self) -> Iterator[Path]:
        """What the page links to within the checkout."""
        for target in re.findall(r"\]\(([^)#]+)\)", _FENCE.sub("", self.text)):
            if ":" not in target:
                yield self.path.parent / target

    def _rows(self) -> Iterator[tuple[str, list[str]]]:
        title = ""
        for before, line in zip(["", *(lines := _FENCE.sub("", self.text).splitlines())], lines, strict=False):
            if heading := _HEADING.match(line):
                title = heading["title"]
            elif line.startswith("| ") and before.startswith("| ") and not line.startswith("| ---"):
                yield title, [cell.strip() for cell in line.strip("|").split(" |")]


README = Page(path=ROOT / "README.md")
CONFIGURATION = Page(path=ROOT / "docs/configuration.md")
ERRORS = Page(path=ROOT / "docs/errors.md")
METRICS = Page(path=ROOT / "docs/metrics.md")
ALL = [
    README,
    *(Page(path=ROOT / name) for name in ("CONTRIBUTING.md", "CHANGELOG.md", "tests/extension/README.md")),
    *(Page(path=path) for folder in ("docs", "adapters", "deploy") for path in sorted((ROOT / folder).rglob("*.md"))),
]


def quoted(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
