"""Citations from BibTeX by styles of CSL, in Rust."""

import refkit_core

SOURCE = """
@article{doe2024,
  author = {Doe, Jane},
  title = {Fast Citations},
  journal = {Journal of Citation Tests},
  year = {2024}
}
"""


def test_bibliography_data():
    library = refkit_core.Library.parse_bibtex(SOURCE)
    assert library.keys() == ["doe2024"] and library["doe2024"].title == "Fast Citations"


def test_a_citation():
    library = refkit_core.Library.parse_bibtex(SOURCE)
    document = refkit_core.Document(library, refkit_core.Style.load("apa"), locale="en-US")
    rendered = document.render([refkit_core.Citation("intro", "doe2024")])
    assert rendered["intro"].text == "(Doe, 2024)"


def test_tidying():
    result = refkit_core.tidy_bibtex("@ARTICLE{doe2024, pages={6-13}, year={2024}}\n")
    assert "@article{doe2024," in result.bibtex and "6--13" in result.bibtex


def test_a_missing_reference():
    library = refkit_core.Library.parse_bibtex(SOURCE)
    document = refkit_core.Document(library, refkit_core.Style.load("apa"), locale="en-US")
    try:
        document.render([refkit_core.Citation("intro", "nobody")])
    except refkit_core.MissingReferenceError as error:
        assert "nobody" in str(error)
    else:
        raise AssertionError("a citation of nothing was rendered")
