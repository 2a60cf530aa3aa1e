import pytest

from simulators.world.demo import demo_world
from simulators.world.documents import Documents
from tests.demo.check.customer import Customer, customer_at
from tests.demo.check.results import Result, correct_result


@pytest.fixture(scope="session")
def documents() -> Documents:
    return demo_world()


@pytest.fixture
def result(documents: Documents) -> Result:
    return correct_result(documents)


@pytest.fixture
def customer(database_url: str) -> Customer:
    return customer_at(database_url)
