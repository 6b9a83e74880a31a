"""Which cell is the best of its column, and how sure its difference from the baseline is."""

import numpy as np

from src.comparing.comparing import Comparison
from src.publishing.marked import marked


def test_the_best_is_the_least_where_less_is_better(toy: Comparison):
    tables = list(marked(toy))
    seen = set()
    for table in tables:
        for place, column in enumerate(table.columns):
            cells = [cells[place] for _, cells in table.rows]
            means = [cell.spread.mean for cell in cells]
            if column.direction is not None:
                best = int(np.argmax(column.direction * np.array(means)))
                assert [cell.best for cell in cells] == [place == best for place in range(len(cells))], column
                seen.add(column.direction)
            else:
                assert not any(cell.best for cell in cells)
    assert seen == {1, -1}


def test_marks_are_those_of_the_levels_of_the_corrected_p(toy: Comparison):
    cells = [cell for table in marked(toy) for _, row in table.rows for cell in row if cell and cell.against]
    tested = [(cell.mark, cell.against.p_holm) for cell in cells if cell.against.p_holm is not None]
    assert "†" in {mark for mark, _ in tested}
    for mark, p in tested:
        assert mark == ("‡" if p < 0.001 else "†" if p < 0.05 else "")
