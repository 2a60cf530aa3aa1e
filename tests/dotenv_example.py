"""What `.env.example` names, with the values it shows."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def example_variables() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assignments = [line.partition("=") for line in lines if line and not line.startswith("#")]
    names = [name for name, _, _ in assignments]
    assert len(names) == len(set(names)), "a variable stands twice in .env.example"
    return {name: value for name, _, value in assignments}
