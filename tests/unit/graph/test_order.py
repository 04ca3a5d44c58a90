from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.graph.order import critical_path, downstream_of, order, ready_sets

NAMES = [f"n{number}" for number in range(8)]
any_graph = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)))


def test_nodes_keep_the_order_of_the_file_where_they_may():
    """Only what must move moves: a node stands as early as what it reads allows."""
    assert order({"late": ["first"], "other": [], "first": []}).ids == ("other", "first", "late")


def test_a_ring_is_given_as_the_way_around_from_the_first_node_of_the_file():
    """Each node of a ring is read by the next, and the last by the first."""
    found = order({"x": [], "b": ["a"], "a": ["c"], "c": ["b"], "after": ["c", "x"]})

    assert found.rings == (("b", "c", "a"),)
    assert set(found.ids) == {"x", "a", "b", "c", "after"}


def test_two_rings_are_both_found():
    """A person repairs all rings at once, not one per try."""
    found = order({"a": ["b"], "b": ["a"], "c": ["c"], "between": ["a", "c"]})

    assert found.rings == (("a", "b"), ("c",))


@given(any_graph)
def test_every_node_comes_once_and_after_what_it_reads(upstream):
    """Without rings no node comes before what it reads; with rings every node is still there once."""
    found = order(upstream)
    position = {node: index for index, node in enumerate(found.ids)}

    assert sorted(found.ids) == sorted(upstream)
    if not found.rings:
        for node, sources in upstream.items():
            assert all(position[source] < position[node] for source in sources if source in upstream)


@given(any_graph)
def test_each_ring_is_one(upstream):
    """Following a ring, each node is read by the next."""
    for ring in order(upstream).rings:
        assert len(set(ring)) == len(ring)
        for index, node in enumerate(ring):
            assert ring[index - 1] in upstream[node]


@given(any_graph)
def test_nodes_of_one_ready_set_do_not_read_each_other(upstream):
    """All nodes of a wave may run at once, because what they read is in earlier waves."""
    if order(upstream).rings:
        return
    waves = ready_sets(upstream)
    done = set()
    for wave in waves:
        for node in wave:
            assert all(source in done for source in upstream[node] if source in upstream)
        done |= set(wave)
    assert done == set(upstream)


def test_the_critical_path_is_the_chain_that_took_longest():
    """The chain, not the single longest step, says how fast a job can be."""
    upstream = {"a": [], "b": ["a"], "long": [], "end": ["b", "long"]}

    assert critical_path(upstream, {"a": 4, "b": 4, "long": 7, "end": 1}) == ("a", "b", "end")
    assert critical_path({}, {}) == ()


def test_readers_are_listed_in_the_order_of_the_file():
    """Who reads a node is known without looking at every node again."""
    assert downstream_of({"a": [], "c": ["a", "gone"], "b": ["a", "c"]}) == {"a": ["c", "b"], "c": ["b"]}


def test_a_long_chain_needs_no_recursion():
    """A hundred thousand steps in a row are ordered, as a chain and as a ring."""
    size = 20_000
    chain = {str(number): [str(number + 1)] for number in range(size)}

    assert order(chain).ids[0] == str(size - 1)
    assert len(order({**chain, str(size - 1): ["0"]}).rings[0]) == size
