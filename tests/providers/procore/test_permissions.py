"""Who is a company admin, by the manifest alone; in doubt nobody is."""

from __future__ import annotations

import pytest

from providers.procore.permissions import CompanyAdminRule, Permissions, is_company_admin

LEVELS = {"None": 1, "Read Only": 2, "Standard": 3, "Admin": 4}


def manifest(*tools: tuple[str, str | None, bool]) -> Permissions:
    return Permissions.model_validate(
        {
            "tools": [
                {
                    "id": 1,
                    "name": name,
                    "available_for_user": available,
                    "user_access_level": None if level is None else {"id": LEVELS.get(level, 9), "name": level},
                }
                for name, level, available in tools
            ]
        }
    )


@pytest.mark.parametrize(
    ("tools", "admin"),
    [
        ([("directory", "Admin", True), ("admin", "Admin", True)], True),
        ([("directory", "Admin", True), ("payments", "None", False), ("documents", "Standard", True)], True),
        ([("Directory ", "Admin", True)], True),
        ([("directory", "Standard", True), ("admin", "Admin", True)], False),
        ([("directory", "Admin", True), ("admin", "Standard", True)], False),
        ([("directory", "Admin", False)], False),
        ([("directory", None, True)], False),
        ([("directory", "admin", True)], False),
        ([("directory", "Owner", True)], False),
        ([("contacts", "Admin", True), ("documents", "Admin", True), ("payments", "None", True)], True),
        ([("contacts", "Admin", True), ("documents", "Read Only", False)], True),
        ([("contacts", "Admin", True), ("documents", "Read Only", True)], False),
        ([("payments", "Admin", True)], False),
        ([], False),
    ],
)
def test_directory_decides_and_without_it_every_tool(tools: list[tuple[str, str | None, bool]], admin: bool) -> None:
    assert is_company_admin(manifest(*tools)) is admin


def test_the_names_are_settings() -> None:
    rule = CompanyAdminRule(directory=frozenset({"company_directory"}), confirming=frozenset())
    tools = [("company_directory", "Admin", True), ("admin", "None", True)]
    assert is_company_admin(manifest(*tools), rule)
    assert not is_company_admin(manifest(*tools))


def test_two_entries_of_one_name_must_agree() -> None:
    both = [("directory", "Read Only", True), ("directory", "Admin", True)]
    assert not is_company_admin(manifest(*both))
    assert not is_company_admin(manifest(*reversed(both)))
