"""Python source that is written line by line and then made a function."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """Lines of a function under construction, its fresh variables, and the constants it refers to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.names: dict[str, Any] = {}
        self.fresh_names = 0

    def uses(self, **names: Any) -> None:
        """Make objects known under given names."""
        self.names.update(names)

    def constant(self, value: Any) -> str:
        """A name under which the function can refer to an object."""
        for name, known in self.names.items():
            if known is value:
                return name
        name = f"C{len(self.names)}"
        self.names[name] = value
        return name

    def fresh(self) -> str:
        """A variable that is not used yet."""
        self.fresh_names += 1
        return f"v{self.fresh_names}"

    def line(self, text: str) -> None:
        """Write one line."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, deeper: bool = True) -> Iterator[None]:
        """Write the lines inside one step further to the right."""
        self.depth += deeper
        yield
        self.depth -= deeper

    def function(self, name: str, arguments: str, title: str) -> Any:
        """The function of the lines so far; its source stays readable as its ``source``."""
        text = f"def {name}({arguments}):\n" + "\n".join(self.lines) + "\n"
        exec(compile(text, f"<{title}>", "exec"), self.names)
        made = self.names[name]
        made.source = text
        return made
