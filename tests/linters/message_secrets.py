"""What crosses Temporal's boundary stays readable in its history for weeks: ids, never secrets."""

import ast
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile

SECRET_WORDS = frozenset({"token", "tokens", "secret", "secrets", "password", "passwords", "credential", "credentials"})
SECRET_CODES = frozenset({"code", "auth_code", "oauth_code", "authorization_code"})


def offences(source: SourceFile) -> Iterator[Offence]:
    if not source.is_under("contracts/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if (
                    isinstance(statement, ast.AnnAssign)
                    and isinstance(statement.target, ast.Name)
                    and is_secret(statement.target.id)
                ):
                    yield source.offence(
                        statement,
                        f"{node.name}.{statement.target.id} would stand in the workflow's history; "
                        "store the secret encrypted and pass its row's id",
                    )


def is_secret(field: str) -> bool:
    return field in SECRET_CODES or bool(SECRET_WORDS.intersection(field.split("_")))
