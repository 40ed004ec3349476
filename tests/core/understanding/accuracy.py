"""Prints how often typed answers are understood: python -m tests.core.understanding.accuracy"""

import sys

from tests.core.understanding.scene import HERE, PLAYBOOK, starter, utterances, verdict


def main() -> None:
    for path in sorted(HERE.glob("*.yaml")):
        said = utterances(path.stem)
        playbook = starter().playbook if path.stem.startswith("walked") else PLAYBOOK
        verdicts = [(each, verdict(each, playbook)) for each in said]
        right = sum(found is None for _, found in verdicts)
        wrong = sum(bool(found) and found.startswith("WRONG") for _, found in verdicts)
        print(
            f"{path.stem}: {right} of {len(said)} understood ({right / len(said):.0%}), "
            f"{wrong} taken for something else, {len(said) - right - wrong} asked again"
        )
        if "-v" in sys.argv:
            for each, found in verdicts:
                if found:
                    print(f"  {each.get('asked')}: {each['says']!r}: {found}")


if __name__ == "__main__":
    main()
