"""What a customer's admin does once, done for them: sign in, connect QuickBooks, choose accounts, turn mirroring on."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.person import Person, Plan, somebody_at
from demo.stack import Stack

COMPANY_ADMIN = "Company admin"
ACCOUNTANT = "Project accountant"
DESKTOP_ADMIN = "Company admin with QuickBooks Desktop"
SUPPORT = "inBuild support"


class NotGranted(Exception):
    """`inbuild-sync` refused; the text is what it said."""


@dataclass(frozen=True)
class Seed:
    """The customer of the seeded world, as the demo needs it."""

    company_id: int
    realm_id: str
    start_date: str
    expense_account: str
    retainage_account: str
    admin_user_id: int
    desktop_company_id: int
    desktop_admin_user_id: int
    pushes: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, procore: dict[str, Any], expected: dict[str, Any]) -> "Seed":
        admin = next(user for user in procore["users"] if user["persona"] == COMPANY_ADMIN)
        return cls(
            company_id=expected["company_id"],
            realm_id=expected["realm_id"],
            start_date=expected["start_date"],
            expense_account=expected["expense_account"],
            retainage_account=expected["retainage_account"],
            admin_user_id=admin["id"],
            desktop_company_id=expected["desktop"]["company_id"],
            desktop_admin_user_id=next(user["id"] for user in procore["users"] if user["persona"] == DESKTOP_ADMIN),
            pushes=tuple((push["requisition_id"], push["project_id"]) for push in expected["procore_pushes"]),
        )


async def welcome_admin(stack: Stack, person: Person, seed: Seed) -> None:
    """Sign the admin in, which makes the company known, and switch the feature on for it."""
    await person.sign_in(seed.admin_user_id)
    await grant_feature(stack, seed.company_id)
    await person.choose_company(seed.company_id)


async def welcome_support(stack: Stack, users: list[dict[str, Any]]) -> None:
    """Sign inBuild's own support person in, who is then granted the role. Raises NotGranted."""
    user = next(user for user in users if user["persona"] == SUPPORT)
    async with somebody_at(stack.app_url) as person:
        await person.be_seen(user["id"])
    await _operate(stack, "support", user["login"], "--grant")


async def welcome_desktop_admin(stack: Stack, seed: Seed) -> None:
    """Sign in whoever has QuickBooks Desktop, and switch the feature on; the PC is theirs to connect by hand."""
    async with somebody_at(stack.app_url) as person:
        await person.be_seen(seed.desktop_admin_user_id)
    await grant_feature(stack, seed.desktop_company_id)


async def welcome_accountant(stack: Stack, admin: Person, users: list[dict[str, Any]]) -> None:
    """Sign the accountant in, who is then named by the admin. Raises NotDone."""
    user = next(user for user in users if user["persona"] == ACCOUNTANT)
    async with somebody_at(stack.app_url) as person:
        user_id = (await (await person.sign_in(user["id"])).me())["id"]
    await admin.send("PUT", f"/people/{user_id}/accountant", accountant=True)


async def connect(person: Person, seed: Seed) -> None:
    """Connect QuickBooks, choose its accounts and record what inBuild pushed into Procore before."""
    connection_id = await person.connect_quickbooks(seed.realm_id)
    await person.choose_accounts(connection_id, seed.expense_account, seed.retainage_account)
    for requisition_id, project_id in seed.pushes:
        await person.record_push(requisition_id, project_id)


async def turn_on(person: Person, seed: Seed) -> Plan:
    """Make a plan from the seed's start date and accept it."""
    plan = await person.make_plan(seed.start_date)
    await person.turn_on(plan)
    return plan


async def grant_feature(stack: Stack, procore_company_id: int) -> None:
    """What an operator of inBuild does for a new customer. Raises NotGranted."""
    await _operate(stack, "feature", str(procore_company_id), "--on")


async def _operate(stack: Stack, *arguments: str) -> None:
    command = Path(sys.executable).with_name("inbuild-sync")
    process = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        env={**os.environ, **stack.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise NotGranted(said.decode(errors="replace").strip())


__all__ = [
    "NotGranted",
    "Seed",
    "connect",
    "grant_feature",
    "turn_on",
    "welcome_accountant",
    "welcome_admin",
    "welcome_desktop_admin",
    "welcome_support",
]
