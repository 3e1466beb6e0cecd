"""A workspace that exists only in a test: files by path, and what a package or a tsconfig would say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.workspace.model import Package, TsConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass
class Memory:
    files: dict[str, bytes] = field(default_factory=dict)
    tsconfig: TsConfig | None = None
    module_system: str = "esm"
    frameworks: frozenset[str] = frozenset()

    @property
    def source_files(self) -> Iterable[str]:
        return [path for path in self.files if path.endswith((".ts", ".tsx", ".js", ".mjs", ".cjs", ".mts"))]

    def read(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def exists(self, path: str) -> bool:
        return path in self.files

    def package_of(self, path: str) -> Package:
        dependencies: Mapping[str, str] = {}
        return Package(
            name="app",
            root="",
            manager=None,
            private=True,
            dependencies=dependencies,
            scripts={},
            entry_points=(),
            exports=None,
            imports=None,
            module_system="commonjs" if self.module_system == "commonjs" else "esm",
            prisma_version=None,
            prisma_version_source=None,
            frameworks=self.frameworks,
            hot_reload=False,
            target="unknown",
            target_evidence=(),
        )

    def tsconfig_for(self, path: str) -> TsConfig | None:
        return self.tsconfig
