import torch

from src.objectives.terms.queue import Queue


def texts(*numbers):
    """Texts that are known by their first coordinate, each of domain number % 3."""
    return torch.tensor([[float(number), 0.0] for number in numbers]), torch.tensor([number % 3 for number in numbers])


def held(queue):
    return queue.embeddings[:, 0].int().tolist()


def test_the_newest_take_the_places_of_the_oldest():
    queue = Queue(5, 2)
    queue.add(*texts(1, 2, 3))
    assert held(queue) == [1, 2, 3, 0, 0]
    queue.add(*texts(4, 5, 6))
    assert held(queue) == [6, 2, 3, 4, 5]
    assert queue.domains.tolist() == [0, 2, 0, 1, 2]
    queue.add(*texts(*range(10, 22)))  # more than fit: the last five
    assert sorted(held(queue)) == [17, 18, 19, 20, 21]
    assert queue.written.item() == 18
    queue.add(*texts(22))
    assert sorted(held(queue)) == [18, 19, 20, 21, 22]


def test_only_what_was_put_in_is_drawn_with_its_domain():
    queue = Queue(100, 2)
    queue.add(*texts(5, 6, 7))
    embeddings, domains = queue.draw(200, seed=1, step=0)
    numbers = embeddings[:, 0].int()
    assert set(numbers.tolist()) == {5, 6, 7}
    assert torch.equal(numbers % 3, domains.int())
    counts = torch.bincount(numbers)[5:]
    assert counts.min() > 40  # each as likely: 67 expected


def test_a_queue_that_has_overflowed_is_drawn_from_as_it_stands():
    queue = Queue(5, 2)
    queue.add(*texts(*range(1, 18)))
    assert set(queue.draw(200, seed=1, step=0)[0][:, 0].int().tolist()) == {13, 14, 15, 16, 17}


def test_a_draw_follows_from_seed_and_step_alone():
    queue = Queue(100, 2)
    queue.add(*texts(*range(1, 51)))
    first = queue.draw(20, seed=1, step=3)[0]
    torch.manual_seed(99)
    assert torch.equal(queue.draw(20, seed=1, step=3)[0], first)
    assert not torch.equal(queue.draw(20, seed=1, step=4)[0], first)
    assert not torch.equal(queue.draw(20, seed=2, step=3)[0], first)


def test_its_state_goes_on_where_it_was():
    queue, resumed = Queue(5, 2), Queue(5, 2)
    queue.add(*texts(1, 2, 3))
    resumed.load_state_dict(queue.state_dict())
    for each in (queue, resumed):
        each.add(*texts(4, 5, 6))
    assert held(resumed) == held(queue) == [6, 2, 3, 4, 5]
    assert resumed.written.item() == 6


def test_what_it_holds_has_no_gradient():
    queue = Queue(5, 2)
    embeddings, domains = texts(1, 2)
    queue.add(embeddings.requires_grad_(), domains)
    assert not queue.draw(3, seed=0, step=0)[0].requires_grad
