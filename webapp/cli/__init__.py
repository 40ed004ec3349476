"""The ``baton`` command. Each family of commands lives in a module that is imported when used."""

import errno
import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

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


CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


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


class Baton(LazyGroup):
    """All commands. What comes of one that cannot be written to its end is said here for all."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            try:
                return super().main(*args, **extra)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except BrokenPipeError:  # whoever reads it has enough
            _leave()
        except OSError as error:
            if error.errno not in CANNOT_WRITE or error.filename is not None:
                raise
            what = f"Not all of it could be written: {error.strerror}. Make room, and do it again."
            click.secho(what, fg="red", err=True)
            _leave()


def _leave() -> NoReturn:
    """End, and let what is left unwritten go: Python would try once more, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(1)


def _imported(name: str) -> ModuleType:
    """Nothing that is imported is ever garbage: to look for some among it, again and again, would
    take a fifth of the time that a command needs to start."""
    if name not in sys.modules:
        gc.disable()
        import_module(name)
        gc.freeze()
        gc.enable()
    return sys.modules[name]


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        health = _imported("webapp.services.operations.health")
        click.echo(f"baton, version {health.version()['version']}")
        context.exit()


@click.group(cls=Baton, lazily=COMMANDS)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Qualify leads in a conversation and hand sales a case, not a contact."""
