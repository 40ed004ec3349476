"""The ``baton`` command. Each family of commands lives in a module that is imported when used."""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import click

COMMANDS = {
    "db": "webapp.cli.db:db",
    "doctor": "webapp.cli.doctor:doctor",
    "serve": "webapp.cli.serve:serve",
    "keys": "webapp.cli.keys:keys",
    "leads": "webapp.cli.leads:leads",
    "replay": "webapp.cli.replay:replay",
    "staff": "webapp.cli.staff:staff",
    "drill": "webapp.cli.drill:drill",
    "flows": "webapp.cli.flows:flows",
    "simulate": "webapp.cli.simulate:simulate",
    "worker": "webapp.cli.worker:worker",
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for: ``baton simulate`` must not wait for Flask."""

    def __init__(self, *args: Any, lazily: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazily = lazily or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*self.commands, *self.lazily])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazily:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazily[cmd_name].partition(":")
        command: click.Command = getattr(_imported(module), name)
        return command


def _imported(name: str) -> ModuleType:
    """Nothing that is imported is ever garbage: to look for some among it, again and again, would
    take a fifth of the time that a command needs to start."""
    if name not in sys.modules:
        gc.disable()
        import_module(name)
        gc.freeze()
        gc.enable()
    return sys.modules[name]


@click.group(cls=LazyGroup, lazily=COMMANDS)
@click.version_option(package_name="baton")
def main() -> None:
    """Qualify leads in a conversation and hand sales a case, not a contact."""
