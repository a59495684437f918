"""The real package managers, from the npm registry, set up so that nothing of the user's has a say."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import npm

Done = subprocess.CompletedProcess[str]
SUPPORTED = sys.platform == "linux" and platform.machine() == "x86_64"  # what pnpm 12 and Bun are fetched for


def program(client: str) -> list[str]:
    """The command line that starts a client."""

    def at(name: str, version: str, *inside: str) -> str:
        # Where it really is: Yarn's Plug'n'Play takes a folder behind a symbolic link for another one.
        return str(npm.unpacked(name, version).resolve().joinpath(*inside))

    if client == "npm-12":
        return ["node", at("npm", "12.2.0", "bin", "npm-cli.js")]
    if client == "npm":
        return ["npm"]
    if client == "pnpm-10":
        return ["node", at("pnpm", "10.34.9", "bin", "pnpm.cjs")]
    if client == "yarn-1":
        return ["node", at("yarn", "1.22.22", "bin", "yarn.js")]
    if client == "yarn":
        return ["node", at("@yarnpkg/cli-dist", "4.18.1", "bin", "yarn.js")]
    binary = {
        "pnpm-12": lambda: at("@pnpm/exe.linux-x64", "12.21.0", "pnpm"),
        "bun": lambda: at("@oven/bun-linux-x64", "1.4.5", "bin", "bun"),
    }[client]()
    os.chmod(binary, 0o755)
    return [binary]


def bundled_patch_package() -> dict[tuple[str, str], dict[str, bytes]]:
    """The real patch-package with all it needs inside of it, as one package for a registry that has nothing else."""
    modules = npm.tree("patch-package").resolve() / "node_modules"
    files = {
        path.relative_to(modules).as_posix(): path.read_bytes()
        for path in modules.rglob("*")
        if path.is_file() and not path.is_symlink() and ".bin" not in path.parts
    }
    own = "patch-package/"
    inside = {n.removeprefix(own) if n.startswith(own) else f"node_modules/{n}": data for n, data in files.items()}
    manifest = json.loads(inside["package.json"])
    manifest["bundleDependencies"] = list(manifest.pop("dependencies"))  # Yarn 1 would ask the registry for them
    inside["package.json"] = json.dumps(manifest).encode()
    return {("patch-package", manifest["version"]): inside}


@dataclass(frozen=True, slots=True)
class Client:
    """A package manager at work in one folder, with caches and a home of its own."""

    name: str
    project: Path
    home: Path
    registry: str

    def run(self, *arguments: str, cwd: Path | None = None) -> Done:
        """Runs it to its end, whatever its exit code."""
        self.home.mkdir(exist_ok=True)
        if self.registry:
            (self.home / ".npmrc").write_text(f"registry={self.registry}\n")  # pnpm 12 looks at nothing else
        return subprocess.run(
            [*program(self.name), *arguments], cwd=cwd or self.project, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def must(self, *arguments: str, cwd: Path | None = None) -> str:
        """What it prints. AssertionError with all of it when it fails."""
        done = self.run(*arguments, cwd=cwd)
        assert done.returncode == 0, f"{self.name} {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def install(self, *, frozen: bool = False) -> str:
        return self.must(*_INSTALL[self.name][frozen])

    @property
    def environment(self) -> Mapping[str, str]:
        personal = ("npm_", "NPM_", "YARN_", "BUN_", "PNPM_", "NODE_OPTIONS", "XDG_", "CI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(personal)}
        if not self.registry:  # the one that this machine has
            return kept | {"npm_config_cache": str(self.home / ".npm")}
        return kept | {
            "HOME": str(self.home), "npm_config_registry": self.registry, "npm_config_cache": str(self.home / ".npm"),
            "npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false",
            "YARN_NPM_REGISTRY_SERVER": self.registry.rstrip("/"), "YARN_UNSAFE_HTTP_WHITELIST": "127.0.0.1",
            "YARN_ENABLE_TELEMETRY": "0", "YARN_NPM_MINIMAL_AGE_GATE": "0", "YARN_ENABLE_IMMUTABLE_INSTALLS": "false",
            "BUN_INSTALL_CACHE_DIR": str(self.home / ".bun-cache"),
        }  # fmt: skip


# An install, and one from the lockfile alone as in CI; there without scripts, where patches do not depend on them.
_INSTALL: Mapping[str, Mapping[bool, tuple[str, ...]]] = {
    "npm-12": {False: ("install",), True: ("ci", "--ignore-scripts")},
    "npm": {False: ("install",), True: ("ci",)},
    "pnpm-10": {False: ("install", "--no-frozen-lockfile"), True: ("install", "--frozen-lockfile", "--ignore-scripts")},
    "pnpm-12": {
        False: ("install", "--no-frozen-lockfile"),
        True: ("install", "--frozen-lockfile", "--ignore-scripts"),
    },
    "yarn-1": {False: ("install",), True: ("install", "--frozen-lockfile")},
    "yarn": {False: ("install",), True: ("install", "--immutable", "--mode=skip-build")},
    "bun": {False: ("install",), True: ("install", "--frozen-lockfile", "--ignore-scripts")},
}
