"""Tenancy: SQL stands beside its tables in models/, and every query there names its company."""

import ast
import re
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile, texts

# demo/check reads the database as an outsider: the oracle may not use our queries.
SQL_HOMES = ("models/", "migrations/", "tests/", "benchmarks/", "demo/check")
ENGINE_HOMES = ("models/database.py", "migrations/env.py", "tests/", "benchmarks/")
ACROSS_COMPANIES = ("models/directory/", "models/database.py")
# Who may look across companies: signing in finds the person's companies, support's one audited look-up, housekeeping
# finds whose workflow is missing, a webhook of Procore's names no company, only itself, nor does the Web Connector, and
# one of Intuit's names QuickBooks companies.
DIRECTORY_CALLERS = frozenset(
    {
        "api/called_hooks.py",
        "api/intents/receiving_books.py",
        "api/web_connector/conversation.py",
        "api/web_connector/sign_in.py",
        "api/people.py",
        "api/support_lookup.py",
        "activities/connection.py",
        "activities/revoking.py",
        "cli/main.py",
    }
)

QUERY_MAKERS = frozenset({"select", "insert", "update", "delete", "text", "literal_column", "union", "union_all"})
NARROWED = frozenset({"select", "update", "delete"})
ENGINES = frozenset(
    {
        "create_engine",
        "create_async_engine",
        "Session",
        "AsyncSession",
        "sessionmaker",
        "async_sessionmaker",
        "CompanySession",
    }
)
SUBQUERIES = frozenset({"subquery", "cte", "lateral"})
# Handing a row back to its session (add) is part of a unit of work; asking the database is a query.
SESSION_QUERIES = frozenset(
    {"exec", "execute", "scalar", "scalars", "stream", "stream_scalars", "get_one", "refresh", "ask", "do"}
)
# Written as SQL is, all upper or all lower: "Select an account from the list." is a sentence.
RAW_SQL = re.compile(
    r"^\s*(?:SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|TRUNCATE\s|"
    r"select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|truncate\s)",
    re.DOTALL,
)
# Providers and simulators speak QuickBooks' query language, which reads like SQL and touches no database of ours.
OTHER_QUERY_LANGUAGES = ("providers/", "simulators/")


def offences(source: SourceFile) -> Iterator[Offence]:
    if not source.is_under(*SQL_HOMES):
        yield from _sql_outside_models(source)
    if source.is_under("models/") and not source.is_under(*ACROSS_COMPANIES):
        yield from _queries_of_no_company(source)
    if not source.is_under(*ENGINE_HOMES):
        yield from _engines(source)
    if source.path not in DIRECTORY_CALLERS and not source.is_under("tests/", "benchmarks/"):
        yield from _directory_sessions(source)


def _sql_outside_models(source: SourceFile) -> Iterator[Offence]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            if _maker(source, node) in QUERY_MAKERS:
                yield source.offence(node, "SQL stands in models/ beside its tables; call a named query from there")
            elif _is_session_query(node):
                yield source.offence(
                    node, "a session is asked outside models/; write a named query in models/ and call that"
                )
    if not source.is_under(*OTHER_QUERY_LANGUAGES):
        for text in texts(source.tree):
            if RAW_SQL.match(str(text.value)):
                yield source.offence(text, "SQL text outside models/; write a named query in models/ and call that")


def _queries_of_no_company(source: SourceFile) -> Iterator[Offence]:
    subqueries = set(_subquery_names(source.tree))
    for statement in _statements(source.tree):
        for node in _own_expressions(statement):
            if not isinstance(node, ast.Call):
                continue
            is_query = _maker(source, node) in NARROWED or _is_session_get(node)
            if is_query and _reads_only(node, subqueries):
                continue
            if is_query and not any(_names_company(part) for part in _own_expressions(statement)):
                yield source.offence(
                    node,
                    "this query names no company_id; say .where(X.company_id == session.company_id), "
                    "or another company's rows are one mistake away",
                )


def _engines(source: SourceFile) -> Iterator[Offence]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            meaning = source.meaning(node.func) or ""
            if meaning.startswith(("sqlalchemy", "sqlmodel", "models.database")) and meaning.split(".")[-1] in ENGINES:
                yield source.offence(
                    node, "engines and sessions are made in models/database.py only; ask Database.company(...) for one"
                )


def _directory_sessions(source: SourceFile) -> Iterator[Offence]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "directory":
            yield source.offence(
                node,
                "a directory session sees every company; only the callers tests/linters/tenancy.py names may open one",
            )


def _maker(source: SourceFile, call: ast.Call) -> str | None:
    meaning = source.meaning(call.func) or ""
    return meaning.split(".")[-1] if meaning.startswith(("sqlalchemy.", "sqlmodel.")) else None


def _is_session(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    is_cookie = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "request"
    return name.lower().endswith("session") and not is_cookie


def _is_session_query(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or not _is_session(call.func.value):
        return False
    return call.func.attr in SESSION_QUERIES or _is_session_get(call)


def _is_session_get(call: ast.Call) -> bool:
    """``session.get(InvoiceRow, ...)`` loads a row by its key; ``session.get("user_id")`` would read a cookie."""
    if not isinstance(call.func, ast.Attribute) or not _is_session(call.func.value) or call.func.attr != "get":
        return False
    return bool(call.args) and isinstance(call.args[0], ast.Name) and call.args[0].id[:1].isupper()


def _names_company(node: ast.AST) -> bool:
    return (
        (isinstance(node, ast.Attribute) and node.attr == "company_id")
        or (isinstance(node, ast.Name) and node.id == "company_id")
        or (isinstance(node, ast.keyword) and node.arg == "company_id")
    )


def _subquery_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.targets) == 1:
            made_by = node.value.func
            target = node.targets[0]
            if isinstance(made_by, ast.Attribute) and made_by.attr in SUBQUERIES and isinstance(target, ast.Name):
                yield target.id


def _reads_only(call: ast.Call, subqueries: set[str]) -> bool:
    """Whether a query reads nothing but subqueries, each of which names its company where it is made."""
    roots = [_root(argument) for argument in call.args]
    return bool(roots) and all(root in subqueries for root in roots)


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The parts of one statement, without the statements of its body: a loop's query is not excused by its body."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))
