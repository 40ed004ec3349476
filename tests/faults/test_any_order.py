"""Whatever people do, in whatever order and by whatever clock: nothing breaks, nothing said is
lost, and everything kept comes out again from what it was made of."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.company import Company
from tests.fixtures.applications import DATABASES, Prepared
from tests.fixtures.injuries import Tell, often


@pytest.fixture(params=DATABASES)
def company(request: pytest.FixtureRequest) -> type[Company]:
    prepared: Prepared = request.getfixturevalue(f"prepared_{request.param}")
    return type("CompanyHere", (Company,), {"prepared": prepared})


@pytest.mark.promise(9)
@pytest.mark.timeout(14_400)
def test_whatever_people_do_in_whatever_order_everything_still_comes_out(
    company: type[Company], tell: Tell
) -> None:
    lives = often(2, 500)
    run_state_machine_as_test(
        company,
        settings=settings(
            max_examples=lives,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    failed = {place.rpartition(".")[0] for place in company.failed}
    tell(lives, f"companies, 50 steps each; commits failed at {len(failed)} places")
