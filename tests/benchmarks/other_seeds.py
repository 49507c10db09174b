"""Do the lessons' claims hold with other seeds? A script that prints, and no test.

    python tests/benchmarks/other_seeds.py [03 04] [--seeds 43 44 45 46 47] [--at-once 2]

Runs lessons with another seed in the place of 42: in `set_random_seed` and in the dealing of
batches. What is drawn from data stays. For each claim it prints with which seeds it failed, and the
least margin: how far the nearest comparison was from failing, as a share of the larger side.
"""

import argparse
import ast
import copy
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.authoring import execute

FIRST = '''
import json, operator
import numpy as np

RECORDED, MARGINS = [], []
SIGN = {"Lt": 1, "LtE": 1, "Gt": -1, "GtE": -1}
DO = {
    "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge,
    "Eq": operator.eq, "NotEq": operator.ne, "Is": operator.is_, "IsNot": operator.is_not,
    "In": lambda a, b: a in b, "NotIn": lambda a, b: a not in b,
}


def compare_and_note(operators, *values):
    """What Python's chain of comparisons gives; the margins of numbers are noted."""
    results = []
    for name, left, right in zip(operators, values, values[1:]):
        results.append(DO[name](left, right))
        if name in SIGN:
            try:
                a, b = np.asarray(left, float), np.asarray(right, float)
                size = np.maximum(np.maximum(abs(a), abs(b)), 1e-12)
                MARGINS.append(float(np.min(SIGN[name] * (b - a) / size)))
            except (TypeError, ValueError):
                pass
    return results[0] if len(results) == 1 else all(results)


def claim(cell, message, test):
    """Note whether a claim holds, and how narrowly."""
    MARGINS.clear()
    try:
        holds = bool(test())
    except Exception as error:
        holds, message = False, f"{message} ({type(error).__name__}: {error})"
    RECORDED.append([cell, message, holds, min(MARGINS, default=None)])
'''
SEED = re.compile(r"""(set_random_seed\(|\bseed=|"seed[^"]*": )42\b""")
LAST = "print('CLAIMS', json.dumps(RECORDED))"


class Noting(ast.NodeTransformer):
    """Turns the asserts of a check cell into notes."""

    def __init__(self, cell: str) -> None:
        self._cell, self._within = cell, False

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        self._within = True
        test = self.visit(node.test)
        self._within = False
        nothing = ast.arguments([], [], None, [], [], None, [])
        message = node.msg or ast.Constant("")
        given = [ast.Constant(self._cell), message, ast.Lambda(nothing, test)]
        return ast.Expr(ast.Call(ast.Name("claim", ast.Load()), given, []))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Comparisons that are only counted have no margin; those of which all must hold do."""
        if getattr(node.func, "attr", getattr(node.func, "id", "")) == "all":
            self.generic_visit(node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if not self._within:
            return node
        names = ast.List([ast.Constant(type(op).__name__) for op in node.ops], ast.Load())
        values = [names, node.left, *node.comparators]
        return ast.Call(ast.Name("compare_and_note", ast.Load()), values, [])


def with_seed(notebook: NotebookNode, seed: int) -> NotebookNode:
    """A copy of a lesson with this seed, whose checks are noted and stop nothing."""
    changed = copy.deepcopy(notebook)
    for cell in changed.cells:
        if cell.cell_type != "code" or cell.id == "set-up":
            continue
        cell.source = re.sub(
            r"(set_random_seed\(|\bseed=|\"seed[^\"]*\": )42\b", rf"\g<1>{seed}", cell.source
        )
        if cell.id == "imports" and "batches" in cell.source:
            cell.source += f"\nimport functools\nbatches = functools.partial(batches, seed={seed})"
        if "claim" in cell.metadata.get("tags", []):
            tree = Noting(cell.id).visit(ast.parse(cell.source))
            cell.source = ast.unparse(ast.fix_missing_locations(tree))
    first, last = (nbformat.v4.new_code_cell(source) for source in (FIRST, LAST))
    changed.cells = [first, *changed.cells, last]
    return changed


def claims(path: Path, seed: int) -> list[list]:
    """Run a lesson with a seed; return each claim: cell, message, whether it held, margin."""
    try:
        notebook = execute.read_notebook(execute.read_text(path))
        executed, _ = execute.run_cells(with_seed(notebook, seed), path.parent)
    except execute.LessonFailed as failure:
        return [["(the lesson)", str(failure).splitlines()[0], False, None]]
    printed = "".join(output.get("text", "") for output in executed.cells[-1].outputs)
    return json.loads(printed.partition("CLAIMS ")[2])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", nargs="*", help="a number, a stem or a path; none means all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[43, 44, 45, 46, 47])
    parser.add_argument("--at-once", type=int, default=2, help="how many lessons run together")
    options = parser.parse_args()
    with ThreadPoolExecutor(options.at_once) as pool:
        for path in execute.chosen_lessons(options.lesson):
            runs = pool.map(lambda seed, path=path: claims(path, seed), options.seeds)
            told: dict[tuple[str, str], list] = {}
            for seed, run in zip(options.seeds, runs, strict=True):
                for cell, message, holds, margin in run:
                    failed, margins = told.setdefault((cell, message), ([], []))
                    failed += [] if holds else [seed]
                    margins += [] if margin is None else [margin]
            print(f"\n{path.stem}")
            for (cell, message), (failed, margins) in told.items():
                margin = f"{min(margins):7.1%}" if margins else "       "
                verdict = f"FAILED {sorted(set(failed))}" if failed else "held"
                print(f"  {margin}  {verdict:<12} {cell}: {message}", flush=True)


if __name__ == "__main__":
    main()
