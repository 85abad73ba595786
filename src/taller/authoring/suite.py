"""Which steps a suite's tests belong to."""

import ast
from pathlib import Path


def marked_steps(suite: Path) -> list[tuple[int, str]]:
    """The steps named by ``pytest.mark.step("…")`` in a file, each with its line; ``SyntaxError`` as Python has it."""
    tree = ast.parse(suite.read_text(encoding="utf-8"), suite.name)
    return [
        (node.lineno, str(node.args[0].value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "pytest.mark.step"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
