"""Whatever people do, in whatever order and by whatever clock: nothing breaks, nothing said is
lost, and everything kept comes out again from what it was made of."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.company import Company
from tests.fixtures.applications import DATABASES, Prepared


@pytest.fixture(params=DATABASES)
def company(request: pytest.FixtureRequest) -> type[Company]:
    prepared: Prepared = request.getfixturevalue(f"prepared_{request.param}")
    return type("CompanyHere", (Company,), {"prepared": prepared})


@pytest.mark.timeout(7200)
def test_whatever_people_do_in_whatever_order_everything_still_comes_out(
    company: type[Company], request: pytest.FixtureRequest
) -> None:
    long = request.config.getoption("--faults") == "long"
    run_state_machine_as_test(
        company,
        settings=settings(
            max_examples=500 if long else 2,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
