"""What comes up over the review: the summary, the question before it ends, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from prismafix.report.words import count, plain
from prismafix.review.words import count_fixes

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from prismafix.review.account import Account

KEYS = (
    ("a", "accept this fix; on a package, rule or file: its safe ones"),
    ("r", "reject this fix, or all of this package, rule or file"),
    ("A", "accept all of this rule that are no less safe than the one shown"),
    ("P", "the same for this package"),
    ("u", "undo the last step"),
    ("n p", "next, previous undecided fix"),
    ("/", "search titles, paths, codes and messages; Escape shows all again"),
    ("Tab Enter", "from the list to the fix; Tab or Escape goes back"),
    ("j k", "scroll the fix, from the list as well"),
    ("← →", "scroll long lines, in the fix"),
    ("Space", "fold and unfold"),
    ("t", "dark or light"),
    ("w", "the summary; nothing is written before you have seen it"),
    ("q", "quit: asks what to do with what you accepted"),
)
_AROUND, _AROUND_LOW = 7, 2
"""Lines of a box, and around it, that are not its text; and where there are few lines."""


class Ask(ModalScreen[str]):
    """A question with buttons; the answer is the button's id. Escape is `back`."""

    AUTO_FOCUS = "Button"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('back')", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]

    def __init__(self, title: str, text: Text | Table, buttons: tuple[tuple[str, str, str], ...]) -> None:
        """`buttons` are id, key and words; the first has the focus. Their keys answer too."""
        super().__init__()
        self.title_text, self.text, self.buttons = title, text, buttons

    def compose(self) -> ComposeResult:
        """The box: title, text, buttons."""
        with Vertical(classes="box"):
            yield Static(Text(self.title_text, "bold"), classes="title")
            with VerticalScroll(can_focus=False):
                yield Static(self.text)
            with Horizontal(classes="buttons"):
                for name, key, words in self.buttons:
                    yield Button(f"{words} ({key})", id=name, compact=True)

    def on_resize(self) -> None:
        """However long the text, the buttons stay on the screen."""
        around = _AROUND if self.has_class("-tall") else _AROUND_LOW
        for text in self.query(VerticalScroll):
            text.styles.max_height = max(1, self.app.size.height - around)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A click, or Enter."""
        self.action_answer(event.button.id or "back")

    def on_key(self, event: object) -> None:
        """The keys of the buttons."""
        pressed = getattr(event, "character", None)
        for name, key, _ in self.buttons:
            if pressed is not None and pressed == key:
                self.action_answer(name)

    def action_answer(self, name: str) -> None:
        """Answer with the id of a button. Keys that were typed ahead come after it."""
        if self.is_active:
            self.dismiss(name)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        for text in self.query(VerticalScroll):
            text.scroll_relative(y=lines, animate=False)


def summary(account: Account, notes: tuple[str, ...]) -> Ask:
    """What goes where, and what stays. Answers `write` or `back`. `notes` say what else is going to happen."""
    text = Text()
    if account.files:
        unsafe = f", {account.unsafe} of them unsafe" if account.unsafe else ""
        text.append(f"{count_fixes(account.accepted)}{unsafe}, in {count(len(account.files), 'file')}:\n", "bold")
    for file in account.files:
        what = " (new)" if file.is_new else " (deleted)" if file.is_deleted else ""
        text.append(f"  {plain(file.path)}{what}  {count_fixes(file.fixes)}, {' '.join(file.codes)}\n")
    if not account.files and not account.again:
        text.append("Nothing is accepted, so nothing is written.\n", "bold")
    left = (
        (account.rejected, "rejected", "rejected"),
        (account.undecided, "undecided, stays on offer for another run", "undecided, stay on offer for another run"),
    )
    if account.again:
        builds, look = ("builds", "it looks") if account.again == 1 else ("build", "they look")
        text.append("\n" if account.files else "")
        text.append(f"{count_fixes(account.again)} that you accepted {builds} on what you left out: ", "bold")
        text.append(f"you are asked once more if {look} different without.\n")
    if any(number for number, _, _ in left):
        text.append("\nNot written:\n", "bold")
    for number, one, more in left:
        if number:
            text.append(f"  {count_fixes(number)} {one if number == 1 else more}\n")
    for note in notes if account.files else ():
        text.append(f"\n{note}")
    back = ("back", "b", "Back")
    write = ("write", "w", "Write" if not account.again else "Go on")
    return Ask("Summary", text, (write, back) if account.files or account.again else (back,))


def leave(accepted: int) -> Ask:
    """What to do with what was accepted. Answers `write`, `discard` or `back`."""
    text = Text(f"You accepted {count_fixes(accepted)}. Nothing is written yet.")
    buttons = (("back", "b", "Back"), ("write", "w", "Write…"), ("discard", "d", "Discard"))
    return Ask("Quit?", text, buttons)


def keys() -> Ask:
    """The keys."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for key, words in KEYS:
        table.add_row(key, words)
    return Ask("Keys", table, (("back", "b", "Back"),))
