"""Fixes and results built by hand."""

from collections.abc import Callable
from pathlib import Path

from prismafix.engine.model import AppliedFix, FileChange, Reported, Result
from prismafix.rules.model import Doubt, Finding

Git = Callable[..., str]


def make_fix(
    fix_id: str, *changes: tuple[str, bytes | None, bytes | None], code: str = "PF001", **more: object
) -> AppliedFix:
    fields: dict[str, object] = {"package": None, "doubts": (), "findings": (), "requires": (), **more}
    return AppliedFix(
        fix_id=fix_id,
        title=f"Mend {fix_id}",
        code=code,
        codes=(code,),
        applicability="unsafe" if fields["doubts"] else "safe",
        changes=tuple(FileChange(*change) for change in changes),
        **fields,  # type: ignore[arg-type]
    )


def make_result(root: Path, *fixes: AppliedFix) -> Result:
    """A result whose findings are one per fix, at line 3 of its first file."""
    findings, numbered = [], []
    for index, fix in enumerate(fixes):
        finding = Finding(fix.code, fix.changes[0].path, 0, 1, f"{fix.fix_id} is wrong")
        findings.append(Reported(finding, 3, 1, 3, 2, fix.applicability, "", fix.fix_id, fix.fix_id, "fixed"))
        fields = {name: getattr(fix, name) for name in fix.__slots__}
        numbered.append(AppliedFix(**{**fields, "findings": (index,)}))
    changes = tuple(change for fix in fixes for change in fix.changes)
    return Result(root, tuple(findings), tuple(numbered), changes, (), 1, 1, True)


def doubt(text: str) -> Doubt:
    return Doubt("unsafe", text)
