"""
What all commands share: flags that may stand anywhere, examples, lists after one flag.

In:       a table of commands by name, each named by the module that holds it.
Out:      click commands; a module is imported only when its command runs.
Not here: the commands themselves.

Invariant: importing this costs little more than importing click.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

FORMATS = ("json", "jsonc", "yaml", "yamlc", "table", "tsv", "none")
# (what it does, the line to type)
Example = tuple[str, str]

# Between the values of one flag that takes several: no argument of a program can hold it.
_BETWEEN = "\0"


class Settings:
    """The flags that every command knows, as given anywhere on the line."""

    # Not a dataclass: making one costs a tenth of `--help`.
    def __init__(self) -> None:
        """Begin with nothing given."""
        # None: not given, which means `json`, or a drawing where a command has one.
        self.output: str | None = None
        self.query: str | None = None
        self.debug = False
        self.verbose = False
        self.only_show_errors = False
        # None: not given, so that the environment and the user's defaults decide.
        self.workspace: str | None = None
        # The one that the command works in, once a server has been asked about it.
        self.settled_workspace: str | None = None
        # Flags that are accepted and change nothing here.
        self.ignored: list[str] = []


def settings_of(context: click.Context | None = None) -> Settings:
    """Return the settings of the command that runs."""
    root = (context or click.get_current_context()).find_root()
    if root.obj is None:
        root.obj = Settings()
    found: Settings = root.obj
    return found


class Words(click.ParamType):  # type: ignore[type-arg]  # Generic only in newer versions of click.
    """All the words after one flag, until the next flag: `--set a=1 b=2`."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the words of one flag."""
        del param, ctx
        return tuple(value.split(_BETWEEN)) if isinstance(value, str) else tuple(value)


class _Shared:
    """The part of help and parsing that commands and groups have in common."""

    params: list[click.Parameter]
    examples: Sequence[Example]

    def _write_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        own: list[tuple[str, str]] = []
        everywhere: list[tuple[str, str]] = []
        for parameter in self.get_params(context):  # type: ignore[attr-defined]
            record = parameter.get_help_record(context)
            if record is not None:
                is_global = isinstance(parameter, _GlobalOption) or "--help" in parameter.opts
                (everywhere if is_global else own).append(record)
        for title, records in (("Options", own), ("Global options", everywhere)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def _write_examples(self, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for position, (what, line) in enumerate(self.examples):
                    if position:
                        formatter.write_paragraph()
                    formatter.write_text(what)
                    # Not wrapped: it is there to be copied.
                    formatter.write(f"{' ' * (formatter.current_indent + 2)}{line}\n")


class Command(click.Command, _Shared):
    """A command with the global flags, examples, and flags that take several words."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **kwargs: Any) -> None:
        """Take click's arguments and *examples*."""
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params += _global_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, after joining the words that belong to one flag; an empty name is refused."""
        try:
            left = super().parse_args(ctx, self._joined(args))
        except click.UsageError as error:
            # click forgets the command of a flag without a value, and the hint would be that of the root.
            error.ctx = error.ctx or ctx
            raise
        if not ctx.resilient_parsing:
            self._refuse_empty_names(ctx)
        return left

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones."""
        self._write_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        self._write_examples(formatter)

    def _refuse_empty_names(self, ctx: click.Context) -> None:
        # A script goes on after a command that failed, and asks for a job without a name.
        for parameter in self.params:
            if parameter.name and ctx.params.get(parameter.name) == "" and _takes_name(parameter):
                from pipeyard.model.errors import UsageError  # noqa: PLC0415 - help can do without.

                raise UsageError(
                    f"{max(parameter.opts, key=len)} is empty: it takes a name",
                    hint="if a variable was to hold it, the command that should have set it failed",
                )

    def _joined(self, args: list[str]) -> list[str]:
        flags = {name for parameter in self.params if isinstance(parameter.type, Words) for name in parameter.opts}
        done: list[str] = []
        left = list(args)
        while left:
            word = left.pop(0)
            done.append(word)
            if word not in flags:
                continue
            words: list[str] = []
            while left and not left[0].startswith("-"):
                words.append(left.pop(0))
            if words:
                done.append(_BETWEEN.join(words))
        return done


class LazyGroup(click.Group, _Shared):
    """A group that knows its commands by name and imports one when it is called."""

    def __init__(
        self,
        *args: Any,
        table: Mapping[str, tuple[str, str]],
        later: Mapping[str, str] | None = None,
        examples: Sequence[Example] = (),
        **kwargs: Any,
    ) -> None:
        """
        Take click's arguments, a *table*, and what is not there.

        *table*: name to ("module:attribute", one line of help). *later*: names that
        Azure has and this version does not, each with the sentence that says so.
        """
        super().__init__(*args, **kwargs)
        self.table = table
        self.later = later or {}
        self.examples = examples
        self.params += _global_options()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name in self.later:
            return _absent(cmd_name, self.later[cmd_name])
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            # Imported here, as everything that help can do without.
            from pipeyard.model.nearest import nearest  # noqa: PLC0415

            close = nearest(name, self.table)
            hint = f"did you mean `{close}`?" if close else f"there are: {', '.join(self.table)}"
            raise click.UsageError(f"`{ctx.command_path}` has no command `{name}`; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and their lines without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the global options."""
        self.format_commands(ctx, formatter)
        self._write_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        self._write_examples(formatter)


class _GlobalOption(click.Option):
    """A flag that may stand anywhere; its value goes to the settings."""


def command(name: str, *, examples: Sequence[Example] = (), **kwargs: Any) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a command."""

    def decorate(function: Callable[..., Any]) -> Command:
        return click.command(name, cls=Command, examples=examples, **kwargs)(function)

    return decorate


def _takes_name(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and parameter.metavar == "NAME"


def _absent(name: str, sentence: str) -> click.Command:
    def refuse(**_: Any) -> None:
        from pipeyard.model.errors import UserError  # noqa: PLC0415 - help can do without.

        raise UserError(sentence, code="not-in-this-version")

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)],
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


def _complete_workspaces(context: click.Context, parameter: click.Parameter, typed: str) -> list[Any]:
    # Imported here: only a press of Tab comes this way.
    from pipeyard.cli.workspace_verbs import workspace_names  # noqa: PLC0415

    del context, parameter
    return [name for name in workspace_names() if name.startswith(typed)]


def _global_options() -> list[click.Parameter]:
    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        # A flag that is not given here may have been given further left.
        if value and parameter.name is not None:
            setattr(settings_of(context), parameter.name, value)

    def ignore(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            settings_of(context).ignored.append(parameter.opts[-1])

    formats = click.Choice(FORMATS, case_sensitive=False)
    return [
        _GlobalOption(
            ["-o", "--output"], type=formats, callback=keep, expose_value=False, help="Format of the result."
        ),
        _GlobalOption(
            ["--query"],
            callback=keep,
            expose_value=False,
            metavar="JMESPATH",
            help="Show only this part of the result.",
        ),
        _GlobalOption(["--verbose"], is_flag=True, callback=keep, expose_value=False, help="Say more on stderr."),
        _GlobalOption(
            ["--debug"], is_flag=True, callback=keep, expose_value=False, help="Show where in the program an error is."
        ),
        _GlobalOption(
            ["--only-show-errors"],
            is_flag=True,
            callback=keep,
            expose_value=False,
            help="No warnings and no progress on stderr.",
        ),
        _GlobalOption(
            ["-w", "--workspace-name", "workspace"],
            callback=keep,
            expose_value=False,
            metavar="NAME",
            shell_complete=_complete_workspaces,
            help="Workspace to work in; else the one that `pipeyard configure` set.",
        ),
        *(
            _GlobalOption(
                names, callback=ignore, expose_value=False, metavar="NAME", help="Accepted for Azure's sake; no effect."
            )
            for names in (["-g", "--resource-group"], ["--subscription"])
        ),
    ]
