"""The full-screen review: a tree of the fixes beside the one that is looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.text import Text
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Footer, Input, Static, Tree

from prismafix.review import dialogs, words
from prismafix.review.account import account_of
from prismafix.review.code import DARK, LIGHT, Palette, diff_lines
from prismafix.review.matching import matches
from prismafix.review.style import CSS
from prismafix.review.tree import Node, leaves, package_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widgets.tree import TreeNode

    from prismafix.review.model import Changed, Review

_STEP = 4
"""Lines that `j` and `k` scroll."""
_WIDE, _TALL = 72, 18
"""From so many columns on tree and fix are side by side; below, from so many lines on, one above the other."""


class Fixes(Tree[Node]):
    """The tree. What does not fit is cut: the names of files come before their folders."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", show=False)]


class ReviewApp(App[frozenset[str]]):
    """Shows a review and changes its answers. Returns the ids of the fixes that are wanted, or None to keep nothing."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "Accept"),
        Binding("r", "reject", "Reject"),
        Binding("n", "undecided(1)", "Next"),
        Binding("w", "write", "Write"),
        Binding("question_mark", "keys", "Help", key_display="?"),
        Binding("A", "accept_all('rule')", "Rule", key_display="A"),
        Binding("P", "accept_all('package')", "Package", key_display="P"),
        Binding("u", "undo", "Undo"),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("q", "leave", "Quit"),
        Binding("ctrl+c,ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False),
        Binding("p", "undecided(-1)", show=False),
        Binding("j", "read(1)", show=False),
        Binding("k", "read(-1)", show=False),
        Binding("t", "theme", show=False),
        Binding("tab,shift+tab", "other_pane", show=False, priority=True),
        Binding("escape", "to_list", show=False),
    ]

    def __init__(
        self, review: Review, *, name: str = "", notes: tuple[str, ...] = (), said: str = "", light: bool = False
    ) -> None:
        """`name` of the project; `notes` for the summary; `said` is the first thing in the line of messages."""
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (_TALL, "-tall")]
        self.review, self.project, self.notes, self.first_words = review, name, notes, said
        self.theme = "textual-light" if light else "textual-dark"
        self.animation_level = "none"
        self.query_text = ""
        self.order: list[str] = []
        self.branches: list[tuple[TreeNode[Node], Node]] = []
        self.event_loop: asyncio.AbstractEventLoop | None = None
        self.ended_by: int | None = None

    def compose(self) -> ComposeResult:
        """Head, tree and fix, messages, search, keys."""
        yield Static(id="head")
        with Container(id="body"):
            yield Fixes("fixes", id="fixes")
            with VerticalScroll(id="reading"):
                yield Static(id="above")
                yield Static(id="diff")
                yield Static(id="below")
        yield Static(id="said")
        yield Input(placeholder="title, path, code or message", id="search", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the first fix that is to be decided on."""
        tree = self.query_one(Fixes)
        tree.show_root, tree.guide_depth = False, 2
        self.query_one("#search").display = False
        self._fill_tree()
        undecided = [name for name in self.order if self.review.marks()[name] == "undecided"]
        self._go_to((undecided or self.order or [""])[0])
        self.call_after_refresh(self._scroll_tree)
        tree.focus()
        self.say(self.first_words)
        self.event_loop = asyncio.get_running_loop()

    def _scroll_tree(self) -> None:
        """From the top as far as the cursor needs it: that can be said once there is a size."""
        tree = self.query_one(Fixes)
        tree.scroll_home(animate=False, immediate=True)
        tree.scroll_to_line(tree.cursor_line, animate=False)

    def end_by(self, number: int) -> None:
        """For the handler of a signal: end at once, and keep nothing."""
        self.ended_by = number
        if self.event_loop is None:
            raise SystemExit(128 + number)
        self.event_loop.call_soon_threadsafe(self.exit, None)

    # What is shown.

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return DARK if self.current_theme.dark else LIGHT

    def _fill_tree(self) -> None:
        """The tree of what matches the search."""
        tree = self.query_one(Fixes)
        tree.clear()
        self.branches = []
        proposals = [p for p in self.review.proposals.values() if matches(p, self.query_text)]
        nodes = tree_of(proposals)
        self.order = list(leaves(nodes))
        self._add_branches(tree.root, nodes)
        self._redraw()

    def _add_branches(self, parent: TreeNode[Node], nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.kind == "fix":
                self.branches.append((parent.add_leaf(node.label, node), node))
            else:
                branch = parent.add(node.label, node, expand=True)
                self.branches.append((branch, node))
                self._add_branches(branch, node.children)

    def _redraw(self) -> None:
        """The marks, the counts, and the fix that is looked at."""
        marks, palette = self.review.marks(), self.palette
        for branch, node in self.branches:
            branch.set_label(words.label(node, marks, self.review.proposals, palette))
        progress = words.progress_words(self.review, short=self.size.width < _WIDE)
        head = Text.assemble((" prismafix ", "bold"), self.project, "  ", progress)
        if self.query_text:
            head.append(f"  “{self.query_text}”: {len(self.order)} shown", "italic")
        self.query_one("#head", Static).update(head)
        self._look()

    def _look(self) -> None:
        node = self._at_cursor()
        above, diff, below = (self.query_one(name, Static) for name in ("#above", "#diff", "#below"))
        if node is None:
            above.update("Nothing matches." if self.query_text else "")
            diff.update("")
            below.update("")
        elif node.kind == "fix":
            name, palette = node.fixes[0], self.palette
            proposal = self.review.proposals[name]
            width = self.query_one("#reading").scrollable_content_region.width
            above.update(Group(*words.before_diff(self.review, name, palette)))
            diff.update(Text("\n").join(diff_lines(proposal.changes, palette, width)))
            below.update(Group(*words.after_diff(self.review, name, palette)))
        else:
            above.update(Group(*words.group_lines(node, self.review, self.palette)))
            diff.update("")
            below.update("")

    def say(self, text: str) -> None:
        """Show a message until something else is done."""
        said = self.query_one("#said", Static)
        said.update(Text(text))
        said.display = bool(text)

    # Where the cursor is.

    def _at_cursor(self) -> Node | None:
        cursor = self.query_one(Fixes).cursor_node
        return cursor.data if cursor is not None else None

    def _go_to(self, name: str) -> None:
        tree = self.query_one(Fixes)
        for branch, node in self.branches:
            if node.kind == "fix" and node.fixes[0] == name:
                parent = branch.parent
                while parent is not None:
                    parent.expand()
                    parent = parent.parent
                _ = tree.last_line  # the lines are counted when they are asked for
                tree.move_cursor(branch)
        self.query_one("#reading").scroll_home(animate=False)
        self._look()

    def action_undecided(self, step: int) -> None:
        """To the next (1) or previous (-1) undecided fix, also beyond the end."""
        self.say("")
        if not self._to_undecided(step):
            self.say("All is decided: w shows the summary." if not self.query_text else "All that is shown is decided.")

    def _to_undecided(self, step: int) -> bool:
        node, marks = self._at_cursor(), self.review.marks()
        if node is None:
            return False
        at = self.order.index(node.fixes[0])
        if node.kind != "fix":
            at -= step > 0
        turned = [self.order[(at + step * number) % len(self.order)] for number in range(1, len(self.order) + 1)]
        found = next((name for name in turned if marks[name] == "undecided"), None)
        if found is not None:
            self._go_to(found)
        return found is not None

    # Answers.

    def action_accept(self) -> None:
        """Accept the fix, or the safe ones of the group."""
        node = self._at_cursor()
        if node is None:
            return
        if node.kind == "fix":
            self._answered(self.review.accept(node.fixes[0]), "accepted")
        else:
            self._answered(self.review.accept_all(node.fixes, "safe", f"the safe ones of {node.label}"), "accepted")

    def action_reject(self) -> None:
        """Reject the fix or the group."""
        node = self._at_cursor()
        if node is not None:
            self._answered(self.review.reject(node.fixes, node.label), "rejected")

    def action_accept_all(self, kind: str) -> None:
        """Accept all of the rule or package of the fix that are shown and no less safe than it."""
        node = self._at_cursor()
        if node is None or node.kind != "fix":
            self.say(f"Go to a fix first: {'A' if kind == 'rule' else 'P'} accepts what is no less safe than it.")
            return
        shown = self.review.proposals[node.fixes[0]]
        proposals = self.review.proposals
        if kind == "rule":
            what, names = shown.code, [name for name in self.order if proposals[name].code == shown.code]
        else:
            what = package_of(shown)
            names = [name for name in self.order if package_of(proposals[name]) == what]
        self._answered(self.review.accept_all(names, shown.applicability, f"all of {what}"), "accepted")

    def _answered(self, changed: Changed, verb: str) -> None:
        said = words.changed_words(self.review, changed, verb)
        self._redraw()
        if changed.fixes and not self._to_undecided(1):
            said = f"{said} All is decided: w shows the summary.".strip()
        self.say(said)

    def action_undo(self) -> None:
        """Take the last answer back."""
        what = self.review.undo()
        self._redraw()
        self.say(f"Taken back: {what}." if what is not None else "There is nothing to take back.")

    # Everything else.

    def action_search(self) -> None:
        """Ask for what to search for."""
        search = self.query_one("#search", Input)
        search.display = True
        search.focus()

    @on(Input.Changed, "#search")
    def search_changed(self, event: Input.Changed) -> None:
        """Show what matches so far."""
        node = self._at_cursor()
        before = node.fixes[0] if node is not None else ""
        self.query_text = event.value.strip()
        self._fill_tree()
        self._go_to(before if before in self.order else (self.order or [""])[0])

    @on(Input.Submitted, "#search")
    def search_submitted(self) -> None:
        """Back to the tree, with what matches."""
        self.query_one("#search").display = bool(self.query_text)
        self.query_one(Fixes).focus()

    def action_to_list(self) -> None:
        """From the fix to the tree; from there to all fixes."""
        tree = self.query_one(Fixes)
        if self.query_one("#reading").has_focus_within or self.screen.has_class("-reads"):
            self.action_other_pane()
            return
        search = self.query_one("#search", Input)
        search.value = ""
        search.display = False
        tree.focus()

    def action_other_pane(self) -> None:
        """From the tree to the fix and back. Where there is room for one of them only, that one is shown."""
        if self._is_asking():
            self.screen.focus_next()
            return
        tree, reading = self.query_one(Fixes), self.query_one("#reading")
        to_fix = not reading.has_focus
        self.screen.set_class(to_fix, "-reads")
        (reading if to_fix else tree).focus()

    @on(Tree.NodeSelected)
    def node_selected(self, event: Tree.NodeSelected[Node]) -> None:
        """Enter on a fix goes to it."""
        if event.node.data is not None and event.node.data.kind == "fix" and not self.query_one("#reading").has_focus:
            self.action_other_pane()

    @on(Tree.NodeHighlighted)
    def node_highlighted(self) -> None:
        """Show what the cursor is on."""
        self.query_one("#reading").scroll_home(animate=False)
        self._look()

    def action_read(self, step: int) -> None:
        """Scroll the fix."""
        self.query_one("#reading").scroll_relative(y=step * _STEP, animate=False)

    def action_theme(self) -> None:
        """Dark or light."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"
        self._redraw()

    def on_resize(self) -> None:
        """The diff is as wide as there is room."""
        self.call_after_refresh(self._redraw)

    def action_keys(self) -> None:
        """The keys."""
        if not self._is_asking():
            self.push_screen(dialogs.keys())

    def action_write(self) -> None:
        """The summary, and then the end."""

        def answered(answer: str | None) -> None:
            if answer == "write":
                self.exit(self.review.wanted())

        if not self._is_asking():  # keys that were typed ahead
            self.push_screen(dialogs.summary(account_of(self.review), self.notes), answered)

    def action_leave(self) -> None:
        """Quit, after a question if something was accepted."""

        def answered(answer: str | None) -> None:
            if answer == "write":
                self.action_write()
            elif answer == "discard":
                self.exit(None)

        if self._is_asking():
            self.pop_screen()
        elif wanted := self.review.wanted():
            self.push_screen(dialogs.leave(len(wanted)), answered)
        else:
            self.exit(None)

    def _is_asking(self) -> bool:
        return len(self.screen_stack) > 1
