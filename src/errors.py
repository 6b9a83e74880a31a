"""The one error that users meet: what was wrong, where, and what to do."""

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130  # exit statuses


class InputError(ValueError):
    """A mistake in the input or the configuration, found before any long work.

    `what` says what was wrong, `where` names the file and line or the configuration key, `fix` says what to do.
    """

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what, self.where, self.fix = what, where, fix
        lines = [what]
        if where:
            lines.append(f"  where: {where}")
        if fix:
            lines.append(f"  fix:   {fix}")
        super().__init__("\n".join(lines))


if __name__ == "__main__":  # python -m src.errors: the errors of two runs, side by side
    from src.mistakes.command import start

    start()
