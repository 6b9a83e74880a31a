"""Words stay what they are in Markdown."""

from src.documenting.markdown import comment, prose, table


def test_only_code_means_anything():
    assert prose("a <b> & e^(beta * s) _x_ of code_switching, `*_<`") == (
        "a &lt;b&gt; &amp; e^(beta \\* s) \\_x\\_ of code_switching, `*_<`"
    )


def test_bars_in_tables():
    assert list(table(("a", "b"), [("x | y", "z")]))[2] == "| x \\| y | z |"


def test_commands_tables_and_paragraphs_of_a_comment():
    lines = ["python -m src.x a=1   words", "python -m src.x", "One", "sentence.", "", "  in a", "    block", "Last."]
    told = ["```bash", *lines[:2], "```", "", "One sentence.", "", "```text", "in a", "  block", "```", "", "Last.", ""]
    assert list(comment(lines)) == told
