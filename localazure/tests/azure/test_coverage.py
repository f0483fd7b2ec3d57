"""The page of what is modelled."""

from localazure.coverage import PAGE, modelled, page


def test_the_page_is_in_step() -> None:
    """COVERAGE.md is what the catalogue says: `python -m localazure.coverage` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_no_type_is_modelled_twice() -> None:
    """A type that two services declare would be answered by the last one only."""
    names = [kind.name.lower() for kind in modelled()]
    assert sorted(set(names)) == sorted(names)
