"""What every plan must keep to, whatever the data; used by the tests of each strategy."""

import numpy as np

from tests.sampling.indexes import usable


def plans(strategy, steps):
    """Rows of the steps, [steps, batch size, 3]."""
    return np.stack([strategy.plan(step) for step in steps])


def assert_lawful(rows, index):
    """Texts are held in the languages asked for, and no concept is twice in a batch."""
    assert rows.dtype == np.int32
    concept, query, passage = np.moveaxis(rows, -1, 0)
    assert (index.question_languages[concept] >> query.astype(index.question_languages.dtype) & 1).all()
    assert (index.passage_languages[concept] >> passage.astype(index.passage_languages.dtype) & 1).all()
    ordered = np.sort(concept, axis=1)
    assert (ordered[:, 1:] != ordered[:, :-1]).all()


def assert_epochs(rows, index, *, crosslingual, drop_tail):
    """Of each language's rows in order, the first `epoch` differ, and so do the next `epoch`, and so on."""
    batch_size = rows.shape[1]
    for language in range(len(index.languages)):
        concepts = rows[rows[..., 1] == language][:, 0]
        allowed = usable(index, language, crosslingual=crosslingual)
        epoch = len(allowed) // batch_size * batch_size if drop_tail else len(allowed)
        for start in range(0, len(concepts), epoch or 1):
            run = concepts[start : start + epoch].tolist()
            assert len(set(run)) == len(run)
            assert set(run) <= allowed


def assert_pure(build, steps):
    """A fresh object gives the same rows, whatever it was asked before and in whatever order."""
    first = build()
    rows = {step: first.plan(step) for step in steps}
    second = build()
    for step in [*reversed(steps), *steps[1::2]]:
        np.testing.assert_array_equal(second.plan(step), rows[step])
    np.testing.assert_array_equal(build().plan(steps[-1]), rows[steps[-1]])


def chi_square(counts, shares):
    """Pearson's statistic of counts against expected shares, and its degrees of freedom."""
    counts, expected = np.asarray(counts, float), np.asarray(shares) * np.sum(counts)
    possible = expected > 0
    assert not counts[~possible].any()
    return ((counts - expected)[possible] ** 2 / expected[possible]).sum(), possible.sum() - 1


def assert_fits(counts, shares, sigmas=4.0):
    """Counts are what independent draws with these shares give (the statistic within some sigmas of its mean)."""
    statistic, freedom = chi_square(counts, shares)
    assert statistic < freedom + sigmas * np.sqrt(2 * freedom) + sigmas, (counts, shares, statistic)
