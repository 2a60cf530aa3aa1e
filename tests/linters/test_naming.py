"""No module is called utils, helpers, common or manager."""

from pathlib import Path

import pytest

from tests.linters import naming
from tests.linters.planting import found_in


@pytest.mark.parametrize(
    "path",
    ["models/utils.py", "api/helpers.py", "common/money.py", "activities/posting_manager.py", "tests/test_utils.py"],
)
def test_a_name_that_fits_everything_is_an_offence(tmp_path: Path, path: str) -> None:
    [(line, sentence)] = found_in(tmp_path, path, "", naming.offences)
    assert line == 1
    assert "says nothing" in sentence


@pytest.mark.parametrize("path", ["models/invoices.py", "accounting/common_area.py.txt", "api/commons_tax.py"])
def test_a_noun_passes(tmp_path: Path, path: str) -> None:
    assert found_in(tmp_path, path, "", naming.offences) == []
