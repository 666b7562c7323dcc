"""NetworkX without NumPy: paths, order, matching and files."""

import io

import networkx as nx


def test_shortest_path():
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 2), ("a", "c", 9)])
    assert nx.shortest_path(graph, "a", "c", weight="weight") == ["a", "b", "c"]
    assert nx.minimum_spanning_tree(graph).size(weight="weight") == 3


def test_directed():
    graph = nx.DiGraph([(1, 2), (2, 3), (1, 3)])
    assert list(nx.topological_sort(graph)) == [1, 2, 3]
    graph.add_edge(3, 1)
    assert not nx.is_directed_acyclic_graph(graph)
    assert [len(c) for c in nx.strongly_connected_components(graph)] == [3]


def test_flow_and_communities():
    graph = nx.DiGraph()
    graph.add_edge("s", "a", capacity=3)
    graph.add_edge("a", "t", capacity=2)
    assert nx.maximum_flow_value(graph, "s", "t") == 2
    assert len(nx.community.greedy_modularity_communities(nx.barbell_graph(5, 0))) == 2


def test_graphml():
    out = io.BytesIO()
    nx.write_graphml(nx.path_graph(3), out)
    assert nx.read_graphml(io.BytesIO(out.getvalue()), node_type=int).number_of_edges() == 2
