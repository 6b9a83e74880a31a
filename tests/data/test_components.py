from hypothesis import given
from hypothesis import strategies as st

from src.data.components import connected


def test_items_that_share_a_label_are_connected_through_others():
    #                      0    1    2    3     4
    by_german = ["a", "b", "a", None, "c"]
    by_chinese = ["x", "y", "y", None, "z"]
    assert connected(5, [by_german, by_chinese]).tolist() == [0, 0, 0, 3, 4]
    assert connected(5, [by_german]).tolist() == [0, 1, 0, 3, 4]
    assert connected(2, [["a", None], [None, "a"]]).tolist() == [0, 1]  # labels of two labelings are not compared
    assert connected(2, []).tolist() == [0, 1]


LABELS = st.one_of(st.none(), st.integers(0, 6))


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.lists(LABELS, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_the_same_as_spreading_until_nothing_changes(labelings):
    size = len(labelings[0])
    reach = [{i} for i in range(size)]
    changed = True
    while changed:
        changed = False
        for labels in labelings:
            for i in range(size):
                for j in range(size):
                    shared = labels[i] is not None and labels[i] == labels[j]
                    if shared and reach[i] != reach[j]:
                        reach[i] = reach[j] = reach[i] | reach[j]
                        changed = True
    assert connected(size, labelings).tolist() == [min(members) for members in reach]
