"""The command `portal`: what a small team types to run the portal."""

import sys
from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and keep a portal for tax installment agreements."""


@main.command()
@click.argument("file")
def calculate(file: str) -> None:
    """Compute what a scenario in FILE (JSON, - for standard input) owes and what its plan comes to."""
    from portal import calculate as calculator
    from portal import policies

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        click.echo(calculator.calculate(text, policies.load()))
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(_complain(f"{file}: cannot be read ({error})")) from None
    except calculator.BadScenario as error:
        raise SystemExit(_complain(str(error))) from None


def _complain(sentence: str) -> int:
    click.echo(" ".join(sentence.split()), err=True)
    return 2
