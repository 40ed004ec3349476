"""The ``baton`` command. Each family of commands lives in a module that is imported when used."""

from importlib import import_module

import click

COMMANDS = {
    "db": "webapp.cli.db:db",
    "doctor": "webapp.cli.doctor:doctor",
    "serve": "webapp.cli.serve:serve",
    "staff": "webapp.cli.staff:staff",
    "flows": "webapp.cli.flows:flows",
    "simulate": "webapp.cli.simulate:simulate",
    "worker": "webapp.cli.worker:worker",
}


class LazyGroup(click.Group):
    """Imports a command when it is asked for: ``baton simulate`` must not wait for Flask."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="baton")
def main() -> None:
    """Qualify leads in a conversation and hand sales a case, not a contact."""
