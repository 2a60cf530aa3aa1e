"""What every page is held to: no serious finding of axe, valid HTML, no wider than the window, in light and dark."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.async_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
# oat lets every property move for a moment where people want less motion: sizes and colours on the way mean nothing.
AT_REST = """async () => {
    const frame = () => new Promise((painted) => requestAnimationFrame(painted));
    for (const _ of [1, 2]) {
        await frame();
        await frame();
        document.getAnimations().forEach((motion) => motion.finish());
    }
    await frame();
}"""
# A card hides what does not fit into it: nothing scrolls, and a column with its buttons is gone.
CUT_OFF = """() => [...document.querySelectorAll('.card')]
    .filter((card) => card.scrollWidth > card.clientWidth + 1)
    .map((card) => card.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60))"""
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE = ROOT / "web" / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
NODE = ROOT / ".venv" / "bin" / "node"
SIZES = {1440: 900, 1024: 768, 390: 844}
# Between the widest and the narrowest the same rules of colour and structure hold: there only the room is looked at.
GRAVE = ("serious", "critical")
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
# The dark scheme changes colours and nothing else.
COLOURS: dict[str, Any] = {**ALL_RULES, "runOnly": ["color-contrast"]}
SCHEMES: dict[int, dict[Literal["light", "dark"], dict[str, Any]]] = {
    1440: {"light": ALL_RULES, "dark": COLOURS},
    390: {"dark": COLOURS, "light": ALL_RULES},
}


@cache
def axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


async def findings(page: Page) -> list[str]:
    """What is wrong with the page that is open, at each width and in each scheme; empty when nothing is."""
    wrong: list[str] = []
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for width, height in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(AT_REST)
        if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"wider than {width} pixels")
        wrong += [f"cut off at {width} pixels: {text}" for text in await page.evaluate(CUT_OFF)]
        for scheme, rules in SCHEMES.get(width, {}).items():
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.evaluate(AT_REST)
            wrong += [f"{found} ({width}, {scheme})" for found in await _axe(page, rules)]
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return wrong


async def _axe(page: Page, rules: dict[str, Any]) -> list[str]:
    # Evaluated, not added as a script: the pages' own policy allows no inline script, and should not for a test.
    if not await page.evaluate("typeof window.axe === 'object'"):
        await page.evaluate(axe_source())
    told: dict[str, Any] = await page.evaluate("(rules) => axe.run(document, rules)", rules)
    return [
        f"{found['id']}: {found['help']}: {', '.join(node['html'][:160] for node in found['nodes'][:3])}"
        for found in told["violations"]
        if found["impact"] in GRAVE
    ]


@dataclass(frozen=True)
class Invalid:
    """One message of html-validate about one page."""

    page: str
    rule: str
    message: str
    line: int


def invalid_html(folder: Path) -> list[Invalid]:
    """What html-validate's recommended rules find in the .html files of a folder."""
    config = folder / ".htmlvalidate.json"
    config.write_text(
        json.dumps(
            {
                "root": True,
                "extends": ["html-validate:recommended"],
                "rules": {
                    # How the templates are laid out is no property of the document.
                    "no-trailing-whitespace": "off",
                    "long-title": "off",
                    # How a boolean is written is Jinja's choice.
                    "attribute-boolean-style": "off",
                    # Fields of one name are one answer with many values: rows of a table, boxes of a list.
                    "form-dup-name": "off",
                    # A label around its field may name it as well: some programs read only the one or the other.
                    "no-redundant-for": "off",
                    # oat styles a checkbox with this role as a toggle; ARIA allows it for a checkbox.
                    "prefer-native-element": "off",
                },
            }
        )
    )
    report_file = folder / "report.json"
    # Into a file: the program ends before a full pipe is emptied.
    with report_file.open("w") as output:
        subprocess.run(
            [NODE, HTML_VALIDATE, "--formatter", "json", "--config", config, folder],
            check=False,
            stdout=output,
            timeout=120,
        )
    reports = json.loads(report_file.read_text())
    return [
        Invalid(Path(report["filePath"]).name, message["ruleId"], message["message"], message["line"])
        for report in reports
        for message in report["messages"]
    ]
