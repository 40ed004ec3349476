"""Leads come in from a file, go out as one, and are forgotten when somebody asks."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Operator, typed
from webapp.config import ROOT


@pytest.fixture(scope="module")
def published_once(upgraded_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(upgraded_once, folder)
    starter = ROOT / "question_flows"
    published = typed("flows", "publish", starter, "--why", "A start", data_dir=folder)
    assert published.exit_code == 0, published.stderr
    return folder


@pytest.fixture
def ready(operator: Operator, installation: Path, published_once: Path) -> Operator:
    shutil.copytree(published_once, installation / "data")
    return operator


def file(folder: Path, text: str) -> Path:
    path = folder / "leads.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_leads_from_a_file_are_known_and_count_as_inferred(
    ready: Operator, installation: Path
) -> None:
    lines = (
        "email,company_size,job_title\nana@nordwind.example,200-500,=CFO()\nben@sued.example,,\n"
    )
    taken = ready("leads", "import", file(installation, lines))
    assert taken.stderr == "2 leads taken on.\n"
    exported = map(json.loads, ready("leads", "export", "--json").stdout.splitlines())
    ana, ben = sorted(exported, key=lambda each: each["email"])
    assert (ana["email"], ben["email"]) == ("ana@nordwind.example", "ben@sued.example")
    facts = {fact["property"]: (fact["value"], fact["certainty"]) for fact in ana["facts"]}
    assert facts["company_size"] == ("200-500", "enriched")
    assert facts["job_title"] == ("=CFO()", "enriched")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_is_taken_as_a_spreadsheet_of_any_country_writes_it(
    ready: Operator, installation: Path, separator: str
) -> None:
    rows = (["\ufeffemail", "company"], ["ana@nordwind.example", '"Nord, Wind"'])
    lines = "\r\n".join(separator.join(row) for row in rows)
    assert ready("leads", "import", file(installation, lines)).stderr == "1 lead taken on.\n"
    [row] = csv.DictReader(io.StringIO(ready("leads", "export").stdout))
    assert (row["email"], row["company"]) == ("ana@nordwind.example", "Nord, Wind")


def test_an_exported_table_is_edited_and_taken_on_again(
    ready: Operator, installation: Path
) -> None:
    head = "email,name,job_title,company,phone,country\n"
    ana = 'ana@nordwind.example,Anna Berg,CFO,"-Nord;=Wind",+49 30 901820,DE\n'
    ready("leads", "import", file(installation, head + ana))
    exported = ready("leads", "export").stdout
    assert "'+49 30 901820" in exported, "no spreadsheet takes it for a formula"
    edited = exported.replace("Anna", "Ana").replace("CFO", "CEO")
    taken = ready("leads", "import", file(installation, edited))
    assert taken.stderr == (
        "1 lead taken on.\nPassed over, for Baton to say: id, owner, created_at, updated_at.\n"
    )
    [lead] = map(json.loads, ready("leads", "export", "--json").stdout.splitlines())
    shown = [lead[each] for each in ("name", "title", "company", "phone", "country")]
    assert shown == ["Ana Berg", "CEO", "-Nord;=Wind", "+49 30 901820", "DE"]


def test_importing_again_adds_to_the_same_person(ready: Operator, installation: Path) -> None:
    ready("leads", "import", file(installation, "email\nana@nordwind.example\n"))
    ready("leads", "import", file(installation, "email\n ANA@nordwind.example\n"))
    assert len(ready("leads", "export", "--json").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("email,company_siez\na@b.example,1-9\n", "Did you mean company_size?"),
        ("company_size\n1-9\n", "there is no column email"),
        ("email,company_size\na@b.example,huge\n", "line 2, company_size: Select one"),
        ("email\nnobody\n", "line 2, email: Enter an email address"),
        ("email\na@b.example,extra\n", "line 2: there are more fields than columns"),
        ("email,company_size\n,1-9\n", "line 2: there is no e-mail address"),
        ("email\n\nnobody\n", "line 3, email: Enter an email address"),
        ("email,owned\na@b.example,Ben\n", "line 1: 'owned' is no property."),
        ("email,title,job_title\na@b.example,A,B\n", "more than one column job_title"),
        ("email,company,company\na@b.example,A,B\n", "more than one column company"),
        ('email,company\na@b.example,"A\nb@b.example,B\n', "line 2: the quotation marks"),
        ("", "there is no column email"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(
    ready: Operator, installation: Path, text: str, told: str
) -> None:
    refused = ready("leads", "import", file(installation, text))
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert ready("leads", "export", "--json").stdout == ""


def test_an_exported_table_in_which_somebody_gave_only_a_telephone_number_is_taken_on_again(
    ready: Operator, installation: Path
) -> None:
    lines = "id,email,phone,company\n01x,,+491701234567,Sued\n01y,ana@nordwind.example,,Nordwind\n"
    taken = ready("leads", "import", file(installation, lines))
    assert taken.exit_code == 0, taken.stderr
    assert "1 lead taken on." in taken.stderr
    assert "Passed over, for want of an e-mail address: 1 lead." in taken.stderr


def test_a_table_runs_nothing_in_a_spreadsheet(ready: Operator, installation: Path) -> None:
    lines = 'email,company\na@b.example,"=HYPERLINK(""http://evil.example"")"\n'
    ready("leads", "import", file(installation, lines))
    [row] = csv.DictReader(io.StringIO(ready("leads", "export").stdout))
    assert row["company"].startswith("'=HYPERLINK")


def test_a_person_who_asks_is_forgotten_and_can_come_back(
    ready: Operator, installation: Path
) -> None:
    ready("leads", "import", file(installation, "email\nana@nordwind.example\n"))
    assert ready("leads", "erase", "Ana@Nordwind.example").exit_code == 0
    assert ready("leads", "export", "--json").stdout == ""
    assert ready("leads", "erase", "ana@nordwind.example").exit_code == 1
    ready("leads", "import", file(installation, "email\nana@nordwind.example\n"))
    assert "nordwind" in ready("leads", "export").stdout


def test_flows_are_published_once_and_exported_as_they_were(
    ready: Operator, installation: Path
) -> None:
    again = ready("flows", "publish", ROOT / "question_flows", "--why", "Again")
    assert "live already" in again.stderr
    out = installation / "out"
    assert ready("flows", "export", out).exit_code == 0
    for path in out.glob("*.yaml"):
        assert path.read_bytes() == (ROOT / "question_flows" / path.name).read_bytes()
    (out / "playbook.yaml").write_text("mine", encoding="utf-8")
    refused = ready("flows", "export", out)
    assert refused.exit_code == 1
    assert "playbook.yaml" in refused.stderr
    assert (out / "playbook.yaml").read_text(encoding="utf-8") == "mine"
    assert ready("flows", "export", out, "--force").exit_code == 0

    (out / "contact.yaml").write_bytes((out / "contact.yaml").read_bytes() + b"# a note\n")
    stays = ready("flows", "publish", out, "--why", "A note for ourselves")
    assert stays.stderr == "Release 2 with 5 flows is live.\n"
    (out / "contact.yaml").write_bytes((out / "contact.yaml").read_bytes() + b"# another\n")
    moves = ready("flows", "publish", out, "--why", "Another note", "--move-on")
    assert moves.stderr.endswith("is live. Conversations under way go on with it.\n")


def test_a_changed_playbook_with_a_fault_is_called_by_its_name(
    ready: Operator, installation: Path
) -> None:
    changed = installation / "changed.yaml"
    changed.write_text("format: 1\n", encoding="utf-8")
    refused = ready("replay", "--playbook", changed, "--json")
    assert (refused.exit_code, refused.stderr.startswith(f"{changed}:1")) == (1, True)
    told = json.loads(refused.stdout)
    assert (told["ok"], told["problems"][0]["file"]) == (False, str(changed))


def test_whom_nobody_here_knows_can_be_left_alone_before_they_come(ready: Operator) -> None:
    asked = ("leads", "erase", "Zoe+news@nordwind.example")
    assert ready(*asked).exit_code == 1
    alone = ready(*asked, "--suppress")
    assert (alone.exit_code, "Who comes with it is left alone." in alone.stderr) == (0, True)
    assert ready(*asked, "--suppress").exit_code == 0
    odd = ready("leads", "erase", "zoe", "--suppress")
    assert (odd.exit_code, "Enter an address like" in odd.stderr) == (1, True)


def test_flows_with_a_fault_leave_the_live_ones_alone(ready: Operator, installation: Path) -> None:
    (installation / "flows").mkdir()
    (installation / "flows" / "playbook.yaml").write_text("format: 1\n", encoding="utf-8")
    assert ready("flows", "publish", installation / "flows", "--why", " ").exit_code == 2
    refused = ready("flows", "publish", installation / "flows", "--why", "A mistake")
    assert refused.exit_code == 1
    assert "Nothing was published." in refused.stderr
    assert ready("flows", "export", installation / "out").stderr.startswith("Release 1 ")


def test_whoever_was_erased_stays_so_when_an_old_backup_is_restored(
    ready: Operator, installation: Path
) -> None:
    ready("leads", "import", file(installation, "email\nana@nordwind.example\nben@sued.example\n"))
    backup, database = installation / "old.db", installation / "data" / "baton.db"
    assert ready("db", "backup", backup).exit_code == 0
    ready("leads", "erase", "ana@nordwind.example")
    kept = installation / "erased.jsonl"
    kept.write_text(ready("leads", "erased").stdout, encoding="utf-8")
    assert "nordwind" not in kept.read_text(encoding="utf-8")

    for left in database.parent.glob("baton.db*"):
        left.unlink()
    backup.rename(database)
    assert "ana@nordwind.example" in ready("leads", "export").stdout
    assert ready("leads", "erase-again", kept).stderr == "1 lead erased again.\n"

    exported = ready("leads", "export").stdout
    assert "ana@nordwind.example" not in exported
    assert "ben@sued.example" in exported
    assert ready("leads", "erase-again", kept).stderr == "0 leads erased again.\n"


def test_what_is_no_list_of_erasures_erases_nobody(upgraded: Operator, installation: Path) -> None:
    at_1 = '{"id": "x", "lead": "y", "hash": "", "at": 1, "by": ""}'
    for odd in ("{", "[]", "1", '{"id": "x"}', at_1):
        refused = upgraded("leads", "erase-again", file(installation, odd))
        assert refused.exit_code == 1
        assert "This is no list of erasures." in refused.stderr
