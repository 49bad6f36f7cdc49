"""`bindery completion`: a script that makes a shell complete commands, flags and values.

All that can be completed stands in the script itself: pressing Tab starts no program and so takes no time. After an
upgrade the script is to be made anew, which sourcing it from the shell's start file does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from cli.flags import flags_of
from shared import catalogue


@dataclass(frozen=True)
class Words:
    """What can follow a command: subcommands, flags with what these take, values of its arguments."""

    #: As typed: `compress`, or `deploy render`.
    command: str
    summary: str
    subcommands: tuple[str, ...] = ()
    #: Each flag with its help.
    flags: dict[str, str] = field(default_factory=dict)
    #: Flags that take a value; what it can be, or nothing where that is any file or text.
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Values of its argument, where they can be listed.
    arguments: tuple[str, ...] = ()


def script(shell: str, root: Any) -> str:
    """The script for bash, zsh or fish. `root` is the command of `bindery` itself."""
    writers: dict[str, Callable[[list[Words]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    return writers[shell](list(_all_words(root)))


def _all_words(root: Any) -> Iterator[Words]:
    from cli.operation_commands import command_of

    operations = {name: each for name, each in catalogue.load().operations.items() if name not in root.commands}
    yield Words("", "", (*root.commands, *sorted(operations)), {"--help": ""})
    for name, command in root.commands.items():
        below = getattr(command, "commands", {})
        yield _words(name, command, {}, tuple(below))
        for sub, each in below.items():
            yield _words(f"{name} {sub}", each, {})
    for name, operation in sorted(operations.items()):
        # Its own options say what they may be; the others are those of every command.
        choices = {flag.long: tuple(flag.choices) for flag in flags_of(operation)}
        yield _words(name, command_of(operation), choices)


def _words(name: str, command: Any, choices: dict[str, tuple[str, ...]], subcommands: tuple[str, ...] = ()) -> Words:
    flags: dict[str, str] = {"--help": "Show the help."}
    values: dict[str, tuple[str, ...]] = {}
    arguments: tuple[str, ...] = ()
    for parameter in command.params:
        written = [*parameter.opts, *parameter.secondary_opts]
        if not written[0].startswith("-"):
            arguments = _listed(name, parameter)
            continue
        for flag in written:
            flags[flag] = str(parameter.help or "").split(". ")[0]
            if not parameter.is_flag and flag != "--help":
                values[flag] = choices.get(flag) or _listed(name, parameter)
    return Words(name, command.get_short_help_str(80), subcommands, flags, values, arguments)


def _listed(command: str, parameter: Any) -> tuple[str, ...]:
    """The values of a flag or an argument of main.py that can be listed."""
    from cli import main

    known = catalogue.load()
    listed = {
        ("jobs", "status"): get_args(main.Status),
        ("jobs", "operation"): tuple(sorted(known.operations)),
        ("jobs", "queue"): tuple(known.queues),
        ("worker", "service"): tuple(known.queues),
        ("completion", "shell"): get_args(main.Shell),
        ("submit", "operation"): tuple(sorted(known.operations)),
        ("pipeline", "step"): tuple(sorted(known.operations)),
    }
    return listed.get((command, parameter.name), ())


def _bash(all_words: list[Words]) -> str:
    cases = []
    for words in all_words:
        cases.append(f"        '{words.command}') flags='{' '.join(words.flags)}';")
        cases.append(f"            words='{' '.join((*words.subcommands, *words.arguments))}';;")
    values = [
        f"        '{words.command} {flag}') COMPREPLY=($(compgen -W '{' '.join(chosen)}' -- \"$word\")); return;;"
        for words in all_words
        for flag, chosen in words.values.items()
        if chosen
    ]
    groups = "|".join(words.command for words in all_words if words.command and words.subcommands)
    takes = "|".join(dict.fromkeys(flag for words in all_words for flag in words.values))
    return (
        _BASH.replace("@groups", groups)
        .replace("@takes", takes)
        .replace("@values", "\n".join(values))
        .replace("@cases", "\n".join(cases))
    )


_BASH = """\
# Completion of bindery for bash: source <(bindery completion bash)
_bindery() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command='' flags='' words='' each=''
    local IFS=$' \\t\\n' skip=''
    for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ -n $skip ]]; then skip=''; continue; fi
        case "$each" in
            @takes) skip=yes;;
            -*) ;;
            *) case "$command" in
                   '') command="$each";;
                   @groups) command="$command $each"; break;;
                   *) break;;
               esac;;
        esac
    done
    case "$command $before" in
@values
    esac
    case "$command" in
@cases
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$word"))
    elif [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$word"))
    else
        compopt -o filenames 2>/dev/null || true
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -F _bindery bindery
"""


def _zsh(all_words: list[Words]) -> str:
    parts = []
    for words in all_words[1:]:
        specs = [_zsh_flag(flag, help_text, words.values.get(flag)) for flag, help_text in words.flags.items()]
        below = (*words.subcommands, *words.arguments)
        specs.append(f"'*:argument:({' '.join(below)})'" if below else "'*:file:_files'")
        parts.append(f"        '{words.command}') _arguments -s {' '.join(specs)};;")
    described = " ".join(
        f"'{words.command}:{_quoted(words.summary)}'" for words in all_words[1:] if " " not in words.command
    )
    groups = "|".join(words.command for words in all_words[1:] if words.subcommands)
    return _ZSH.replace("@groups", groups).replace("@described", described).replace("@cases", "\n".join(parts))


def _zsh_flag(flag: str, help_text: str, values: tuple[str, ...] | None) -> str:
    after = "" if values is None else f":value:({' '.join(values)})" if values else ":value:_files"
    return f"'{flag}[{_quoted(help_text)}]{after}'"


def _quoted(text: str) -> str:
    """Text that means nothing to a shell between single quotes, and nothing to zsh between brackets."""
    return re.sub(r"[\[\]:\\'`$\"]", " ", text)


_ZSH = """\
#compdef bindery
# Completion of bindery for zsh: source <(bindery completion zsh)
_bindery() {
    local -a commands
    commands=(@described)
    if (( CURRENT == 2 )); then
        _describe 'command' commands
        return
    fi
    local command="${words[2]}"
    shift words; (( CURRENT-- ))
    case "$command" in
        @groups)
            if (( CURRENT > 2 )); then command="$command ${words[2]}"; shift words; (( CURRENT-- )); fi;;
    esac
    case "$command" in
@cases
    esac
}
compdef _bindery bindery
"""


def _fish(all_words: list[Words]) -> str:
    lines = [
        "# Completion of bindery for fish: bindery completion fish | source",
        "complete -c bindery -n __fish_use_subcommand -f",
    ]
    for words in all_words[1:]:
        first, _, sub = words.command.partition(" ")
        if sub:
            seen = f"__fish_seen_subcommand_from {first}; and __fish_seen_subcommand_from {sub}"
            lines.append(f"complete -c bindery -n '__fish_seen_subcommand_from {first}' -f -a {sub}")
        else:
            seen = f"__fish_seen_subcommand_from {first}"
            lines.append(f"complete -c bindery -n __fish_use_subcommand -f -a {first} -d '{_quoted(words.summary)}'")
        if words.arguments:
            lines.append(f"complete -c bindery -n '{seen}' -f -a '{' '.join(words.arguments)}'")
        for flag, help_text in words.flags.items():
            name = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            chosen = words.values.get(flag)
            takes = "" if chosen is None else f" -x -a '{' '.join(chosen)}'" if chosen else " -r"
            lines.append(f"complete -c bindery -n '{seen}' {name}{takes} -d '{_quoted(help_text)}'")
    return "\n".join(lines) + "\n"
