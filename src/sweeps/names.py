"""Names of a sweep's folders: after what is swept, not after everything that was typed."""

from __future__ import annotations

from collections.abc import Sequence

NAMES = "hydra.job.config.override_dirname.exclude_keys"


def tidy(arguments: Sequence[str]) -> list[str]:
    """A command's arguments; in a sweep, with one more that keeps what all jobs share out of their folders' names.

    Hydra would put `dataset.folder=/a/long/path` into each of them. An argument, since every launcher passes it on.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    typed = [word for word in arguments if "=" in word and not word.startswith("-")]
    if not {"-m", "--multirun"} & set(arguments) or any(word.startswith(NAMES) for word in typed):
        return list(arguments)
    try:
        overrides = OverridesParser.create().parse_overrides(typed)
    except HydraException:  # Hydra itself will say what is wrong with it
        return list(arguments)
    swept = {each.key_or_group for each in overrides if each.is_sweep_override()}
    shared = {each.key_or_group for each in overrides} - swept
    kept_out = sorted(key for key in shared | {"sweep"} if not key.startswith("hydra"))
    first = arguments.index(typed[0]) if typed else len(arguments)  # beside the others: Hydra takes them in one row
    return [*arguments[:first], f"{NAMES}=[{','.join(kept_out)}]", *arguments[first:]]
