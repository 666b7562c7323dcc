"""Geometries by GEOS in C++: their measures, relations, sets, formats and errors, one at a time and in arrays of NumPy."""

import json
import math
import pickle

import numpy as np
import shapely
from shapely import LineString, MultiPoint, Point, Polygon, STRtree, affinity, box, ops, wkb, wkt
from shapely.geometry import mapping, shape
from shapely.prepared import prep

L_SHAPE = Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (0, 3)])


def test_the_library():
    assert shapely.geos_version >= (3, 13, 0) and shapely.lib.__file__.endswith(".so")


def test_measures():
    assert L_SHAPE.area == 6 and L_SHAPE.length == 14 and L_SHAPE.bounds == (0, 0, 4, 3)
    assert L_SHAPE.centroid.coords[0] == (1.5, 1.0) and L_SHAPE.convex_hull.area == 9
    assert Point(0, 0).distance(LineString([(3, -1), (3, 5)])) == 3
    assert LineString([(0, 0), (0, 1)]).hausdorff_distance(LineString([(2, 0), (2, 2)])) == math.hypot(2, 1)
    assert math.isclose(Point(5, 5).buffer(2, quad_segs=64).area, 4 * math.pi, rel_tol=1e-3)


def test_relations():
    square = box(0, 0, 2, 2)
    assert square.contains(Point(1, 1)) and not square.contains(Point(2, 1)) and square.touches(Point(2, 1))
    assert square.overlaps(box(1, 1, 3, 3)) and square.relate(box(1, 1, 3, 3)) == "212101212"
    assert prep(square).covers(Point(2, 2)) and square.equals(box(2, 2, 0, 0))
    assert LineString([(0, 0), (2, 2)]).crosses(LineString([(0, 2), (2, 0)]))


def test_sets():
    one, other = box(0, 0, 2, 2), box(1, 1, 3, 3)
    assert one.intersection(other).equals(box(1, 1, 2, 2)) and one.union(other).area == 7
    assert one.difference(other).area == 3 and one.symmetric_difference(other).area == 6
    assert one.intersection(box(5, 5, 6, 6)).is_empty
    assert shapely.union_all([box(x, 0, x + 1, 1) for x in range(100)]).equals(box(0, 0, 100, 1))
    pieces = ops.polygonize([[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 0)]])
    assert [piece.area for piece in pieces] == [0.5]


def test_constructions():
    line = LineString([(0, 0), (1, 0.01), (2, 0), (2, 5)])
    assert list(line.simplify(0.1).coords) == [(0, 0), (2, 0), (2, 5)]
    assert line.interpolate(1, normalized=True).equals(Point(2, 5)) and line.project(Point(9, 5)) == line.length
    cells = shapely.voronoi_polygons(MultiPoint([(0, 0), (10, 0), (0, 10), (10, 10)]))
    assert len(cells.geoms) == 4 and len(shapely.delaunay_triangles(MultiPoint([(0, 0), (1, 0), (0, 1)])).geoms) == 1
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert not bow.is_valid and "Self-intersection" in shapely.is_valid_reason(bow) and shapely.make_valid(bow).area == 2
    turned = affinity.rotate(box(0, 0, 4, 2), 90, origin=(0, 0))
    assert np.allclose(turned.bounds, (-2, 0, 0, 4))


def test_formats():
    assert wkt.loads("POINT Z (1 2 3)").z == 3 and L_SHAPE.wkt.startswith("POLYGON ((0 0, 4 0,")
    assert wkb.loads(wkb.dumps(L_SHAPE, srid=4326)).equals(L_SHAPE) and shapely.get_srid(wkb.loads(wkb.dumps(L_SHAPE, srid=4326))) == 4326
    assert shape(json.loads(json.dumps(mapping(L_SHAPE)))).equals(L_SHAPE)
    assert shapely.from_geojson(shapely.to_geojson(L_SHAPE)).equals(L_SHAPE)
    assert pickle.loads(pickle.dumps(L_SHAPE)).equals(L_SHAPE) and "<path" in L_SHAPE._repr_svg_()


def test_arrays():
    generator = np.random.default_rng(1)
    points = shapely.points(generator.random((10_000, 2)) * 2 - 1)
    inside = shapely.contains_xy(Point(0, 0).buffer(1, 64), shapely.get_x(points), shapely.get_y(points))
    assert abs(inside.mean() - math.pi / 4) < 0.02
    assert (shapely.dwithin(points, Point(0, 0), 1) == (shapely.distance(points, Point(0, 0)) <= 1)).all()
    moved = shapely.transform(points[:3], lambda xy: xy + 10)
    assert np.allclose(shapely.get_coordinates(moved), shapely.get_coordinates(points[:3]) + 10)
    kind, coordinates, offsets = shapely.to_ragged_array([box(0, 0, 1, 1), L_SHAPE])
    assert kind == shapely.GeometryType.POLYGON and len(coordinates) == 12 and offsets[0].tolist() == [0, 5, 12]


def test_trees():
    cells = [box(x, y, x + 1, y + 1) for x in range(30) for y in range(30)]
    tree = STRtree(cells)
    assert sorted(tree.query(box(0.5, 0.5, 1.5, 1.5))) == [0, 1, 30, 31]
    assert tree.query([Point(29.5, 29.5)], predicate="within").tolist() == [[0], [899]]
    assert tree.nearest(Point(-5, 10.5)) == 10


def test_errors():
    for function, kind in (
        (lambda: wkt.loads("POLYGON ((0 0, 1"), shapely.errors.ShapelyError),
        (lambda: wkb.loads(b"\x01\x02"), shapely.errors.ShapelyError),
        (lambda: Polygon([(0, 0), (1, 1)]), ValueError),
        (lambda: shapely.intersection(Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), box(0, 0, 1, 1), grid_size=-1), shapely.errors.GEOSException),
        (lambda: Point("a", 1), ValueError),
    ):
        try:
            function()
        except kind as error:
            assert str(error)
        else:
            raise AssertionError("accepted")
