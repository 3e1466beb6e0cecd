"""Shows a server's connections under load, before and after `prismafix fix`: `make demo-load`, about half a minute.

Sixty requests at once, again and again, to a handler that builds a client per call; Prisma 7. There are colours in a
terminal, unless NO_COLOR says otherwise.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fixtures_harness.typechecking import require_installed

from proof.exhaustion.database import LIMIT, ROWS, Cost, Database, slow, small_server
from proof.exhaustion.instances import PROJECTS, State, fixed, instances, tables

VERSION = "7"
HANDLER = "src/handlers/orders.ts"
CUSTOMER = 7
AT_ONCE = 60
BURSTS = 6
EVERY = 2.0
"""Seconds from one burst to the next."""
LENGTH = BURSTS * EVERY
QUERY = 0.2
"""Seconds that a query takes."""
WIDTH, HEIGHT = 78, 14
TITLES = {"before": "before", "after": "after `prismafix fix`"}
COLOURS = {"before": "red", "after": "green"}
BLOCKS, FRAME = "▖▗▘▝▀▄▌▐█▙▟▛▜▚▞", "│─┈┌┐└┘├┤┬┴┼"
PLAIN = str.maketrans(BLOCKS + FRAME, "#" * len(BLOCKS) + "|--+++++++++")


@dataclass(frozen=True, slots=True)
class Run:
    """What one part gave: its outcome, its cost, and at which second how many connections there were."""

    outcome: State
    cost: Cost
    samples: list[tuple[float, int]]


def main() -> int:
    """Run both parts, draw what happened, and print the numbers as a table."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_installed()
        print(
            f"A PostgreSQL with max_connections = {LIMIT}, of which one is for looking on; each query takes {QUERY} s."
        )
        print(f"One request, then {AT_ONCE} at once every {EVERY:.0f} s, to a handler that builds a client per call.\n")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="prismafix-load-") as folder, small_server() as place:
            runs = {
                part: measured(part, root, place) for part, root in fixed(PROJECTS / "orders", Path(folder)).items()
            }
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        progress("")
    for part, run in runs.items():
        draw(part, run)
    print_table(runs)
    return 0


def measured(part: str, root: Path, place: dict[str, object]) -> Run:
    """Send the bursts to the project at `root`, and look at the server about twenty times a second."""
    content = tables(root, VERSION) + ROWS + slow(QUERY)
    samples: list[tuple[float, int]] = []
    with closing(Database(place, part, content)) as shop, instances(root, VERSION, shop) as running:
        running.call(HANDLER, 1, CUSTOMER)  # loads what there is to load, which takes longer than any other call
        running.wait()
        began = time.monotonic()
        bursts = 0
        while (now := time.monotonic() - began) < LENGTH:
            if bursts < BURSTS and now >= bursts * EVERY:
                running.call(HANDLER, AT_ONCE, CUSTOMER)
                bursts += 1
            count = shop.connections()
            samples.append((now, count))
            progress(
                f"{TITLES[part]:21}{now:3.0f} s  {'█' * count}{'░' * (LIMIT - count)}  {count} of {LIMIT} connections"
            )
            time.sleep(0.05)
        return Run(running.wait(), shop.cost(), samples)


def progress(text: str) -> None:
    """Show `text` in place of the last one, where somebody looks."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def draw(part: str, run: Run) -> None:
    """Print a chart of a part."""
    import plotext

    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(min(WIDTH, shutil.get_terminal_size().columns), HEIGHT)
    figure.title(f"{TITLES[part]}: connections over {LENGTH:.0f} seconds")
    figure.ruler("y").lim(0, LIMIT + 2)
    figure.ruler("y").ticks([0, 5, 10, 15, LIMIT], ["0", "5", "10", "15", "max 20"])
    figure.ruler("x").lim(0, LENGTH)
    ticks = [burst * EVERY for burst in range(BURSTS + 1)]
    figure.ruler("x").ticks(ticks, [f"{tick:.0f} s" for tick in ticks])
    # A line of the library's own has a background, whatever the terminal's is.
    points = [LENGTH * step / WIDTH for step in range(WIDTH + 1)]
    figure.draw(figure.signal(points, [LIMIT] * len(points), marker=plotext.marker("┈", "orange")))
    marker = plotext.marker("hd", COLOURS[part])
    area = figure.signal(*zip(*run.samples, strict=True), marker=marker)
    figure.draw(area.lines().fillx())
    text = figure.build().string(colorless=not coloured)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN)
    print(text)


def print_table(runs: dict[str, Run]) -> None:
    """Print the numbers, as Markdown."""
    print("|                          | before |  after |")
    print("| ------------------------ | -----: | -----: |")
    before, after = ((run.outcome, run.cost) for run in runs.values())
    for name, number in {
        "requests": lambda outcome, _: outcome.calls,
        "failed": lambda outcome, _: len(outcome.errors),
        "most connections at once": lambda _, cost: cost.peak,
        "connections opened": lambda _, cost: cost.connections,
        "statements": lambda _, cost: cost.statements,
    }.items():
        print(f"| {name:24} | {number(*before):6} | {number(*after):6} |")


if __name__ == "__main__":
    sys.exit(main())
