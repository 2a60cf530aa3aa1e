"""The cost codes of a large company's lines, by number from 0 on."""

CODES = 60


def cost_code_id(code: int) -> str:
    return str(100 + code)


def budget_code(code: int) -> str:
    """Like Procore's: cost code and cost type with a dot between them."""
    return f"26-{code:03}.{'SLM'[code % 3]}"


def description(code: int) -> str:
    return f"Work of section {code:03}"
