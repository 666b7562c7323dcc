"""Each part of SciPy that has extensions: linear algebra by LAPACK, optimisation, integration, statistics, and the rest."""

import numpy as np
import scipy
from numpy.testing import assert_allclose
from scipy import constants, fft, integrate, interpolate, io, linalg, ndimage, optimize, signal, sparse, spatial, special, stats
from scipy.cluster import hierarchy, vq
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

RANDOM = np.random.default_rng(1)


def is_near(found, expected, tolerance=1e-6):
    return np.allclose(found, expected, atol=tolerance)


def test_solving():
    for kind in (np.float32, np.float64, np.complex64, np.complex128):
        a = (RANDOM.normal(size=(40, 40)) + 40 * np.eye(40)).astype(kind)
        if np.iscomplexobj(a):
            a = a + 1j * RANDOM.normal(size=(40, 40)).astype(a.real.dtype)
        b = RANDOM.normal(size=(40, 3)).astype(kind)
        tolerance = 1e-4 if a.real.dtype == np.float32 else 1e-11
        assert_allclose(a @ linalg.solve(a, b), b, rtol=tolerance, atol=tolerance)
        positive = a @ a.conj().T
        assert_allclose(positive @ linalg.cho_solve(linalg.cho_factor(positive), b), b, rtol=100 * tolerance, atol=100 * tolerance)
        assert_allclose(linalg.inv(a) @ a, np.eye(40), atol=tolerance)
    assert_allclose(linalg.solve_banded((1, 1), [[0, 1, 1], [4, 4, 4], [1, 1, 0]], [5, 6, 5]), [1, 1, 1])
    assert_allclose(linalg.solve_toeplitz([3, 1, 0], [4, 5, 4]), [1, 1, 1])


def test_decompositions():
    for kind in (np.float32, np.float64, np.complex64, np.complex128):
        a = RANDOM.normal(size=(30, 20)).astype(kind)
        if np.iscomplexobj(a):
            a = a + 1j * RANDOM.normal(size=(30, 20)).astype(a.real.dtype)
        close = 1e-4 if a.real.dtype == np.float32 else 1e-11
        for driver in ("gesdd", "gesvd"):
            u, sizes, v = linalg.svd(a, full_matrices=False, lapack_driver=driver)
            assert_allclose(u * sizes @ v, a, atol=close)
        q, r, order = linalg.qr(a, mode="economic", pivoting=True)
        assert_allclose(q @ r, a[:, order], atol=close)
        square = a.conj().T @ a
        for driver in ("ev", "evd", "evr", "evx"):
            values, vectors = linalg.eigh(square, driver=driver)
            assert_allclose(vectors * values @ vectors.conj().T, square, atol=100 * close)
        values, vectors = linalg.eig(a[:20])
        assert_allclose(a[:20] @ vectors, vectors * values, atol=10 * close)
        t, z = linalg.schur(a[:20], output="complex")
        assert_allclose(z @ t @ z.conj().T, a[:20], atol=10 * close)
        lower, diagonal, order = linalg.ldl(square)
        assert_allclose(lower @ diagonal @ lower.conj().T, square, atol=100 * close)
    left, right = RANDOM.normal(size=(2, 8, 8))
    aa, bb, alpha, beta, q, z = linalg.ordqz(left, right, output="complex")
    assert_allclose(q @ aa @ z.conj().T, left, atol=1e-10)
    u, cosines, v = linalg.cossin(linalg.qr(left)[0], p=4, q=4)
    assert_allclose(u @ cosines @ v, linalg.qr(left)[0], atol=1e-10)


def test_functions_of_matrices():
    a = RANDOM.normal(size=(6, 6))
    assert_allclose(linalg.logm(linalg.expm(a / 10)), a / 10, atol=1e-10)
    root = linalg.sqrtm(a @ a.T)
    assert_allclose(root @ root, a @ a.T, atol=1e-8)
    assert_allclose(linalg.lstsq(np.vander([1, 2, 3, 4], 2), [3, 5, 7, 9])[0], [2, 1], atol=1e-12)
    assert_allclose(linalg.pinv(np.ones((2, 2))), np.full((2, 2), 0.25))
    solution = linalg.solve_sylvester(a, a.T, np.eye(6))
    assert_allclose(a @ solution + solution @ a.T, np.eye(6), atol=1e-8)
    try:
        linalg.solve(np.ones((2, 2)), [1, 2])
    except linalg.LinAlgError as error:
        assert "singular" in str(error)
    else:
        raise AssertionError("a singular matrix has a solution")


def test_optimisation():
    start, best = np.full(4, 0.5), np.ones(4)
    for method in ("BFGS", "L-BFGS-B", "Nelder-Mead", "SLSQP", "trust-constr", "TNC", "COBYLA", "Powell"):
        limit = "maxfun" if method == "TNC" else "maxiter"
        found = optimize.minimize(optimize.rosen, start, method=method, options={limit: 20000})
        assert is_near(found.x, best, 0.2), method
    assert_allclose(optimize.root(lambda x: [x[0] + x[1] - 3, x[0] * x[1] - 2], [0.5, 3]).x, [1, 2])
    assert abs(optimize.brentq(np.cos, 1, 2) - np.pi / 2) < 1e-10
    linear = optimize.linprog([-1, -2], A_ub=[[1, 1]], b_ub=[4], bounds=[(0, 3), (0, 3)])
    assert linear.status == 0 and is_near(linear.x, [1, 3])
    knapsack = optimize.milp([-5, -4], constraints=optimize.LinearConstraint([[6, 5]], ub=11), integrality=[1, 1], bounds=(0, 10))
    assert is_near(knapsack.x, [1, 1])
    rows, columns = optimize.linear_sum_assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    assert columns.tolist() == [1, 0, 2]
    x = np.linspace(0, 4, 30)
    assert_allclose(optimize.curve_fit(lambda x, a, b: a * np.exp(-b * x), x, 2.5 * np.exp(-1.3 * x))[0], [2.5, 1.3], rtol=1e-6)
    assert_allclose(optimize.nnls([[1, 0], [0, 1]], [2, -1])[0], [2, 0])


def test_integration():
    assert is_near(integrate.quad(lambda x: np.exp(-x * x), -np.inf, np.inf)[0], np.sqrt(np.pi))
    for method in ("RK45", "DOP853", "Radau", "BDF", "LSODA"):
        solved = integrate.solve_ivp(lambda t, y: [y[1], -y[0]], (0, 2), [0, 1], method=method, rtol=1e-8, atol=1e-8)
        assert_allclose(solved.y[0][-1], np.sin(2), atol=1e-5)
    assert_allclose(integrate.odeint(lambda y, t: -y, 1, [0, 1])[-1], np.exp(-1), atol=1e-6)
    assert_allclose(integrate.simpson([0, 1, 4], x=[0, 1, 2]), 8 / 3)


def test_interpolation():
    x = np.linspace(0, 3, 20)
    assert_allclose(interpolate.CubicSpline(x, np.sin(x))(1.234), np.sin(1.234), atol=1e-4)
    assert_allclose(interpolate.splev(1.5, interpolate.splrep(x, np.sin(x))), np.sin(1.5), atol=1e-4)
    grid = interpolate.RegularGridInterpolator((x, x), np.add.outer(x, x))
    assert_allclose(grid([[1.05, 2.05]]), [3.1])
    assert_allclose(interpolate.RBFInterpolator([[0.0], [1], [2]], [0.0, 1, 2])([[1.0]]), [1], atol=1e-8)
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    assert_allclose(interpolate.griddata(points, points.sum(1), [[0.25, 0.5]]), [0.75])


def test_special_functions():
    assert_allclose(special.gamma([0.5, 5]), [np.sqrt(np.pi), 24])
    assert_allclose(special.jv(1, 2.5), 0.4970941024642741)
    assert_allclose(special.erf(0.5), 0.5204998778130465)
    assert_allclose(special.ellipk(0.5), 1.8540746773013719)
    assert_allclose(special.hyp2f1(1, 2, 3, 0.5), 1.5451774444795618)
    assert_allclose(special.zeta(3), 1.2020569031595942)
    assert_allclose(special.wofz(1 + 1j), 0.30474420525691256 + 0.2082189382028316j)
    assert special.comb(50, 25, exact=True) == 126410606437752


def test_statistics():
    assert_allclose(stats.norm.ppf(0.975), 1.959963984540054)
    one, other = RANDOM.normal(size=100), RANDOM.normal(1, size=100)
    assert stats.ttest_ind(one, other).pvalue < 1e-3
    assert_allclose(stats.t.cdf(2, 10), 0.9633059826146299)
    assert_allclose(stats.gamma.sf(3, 2), 0.19914827347145578)
    assert stats.spearmanr([1, 2, 3, 4], [1, 4, 9, 16]).statistic == 1
    assert stats.kendalltau([1, 2, 3], [3, 2, 1]).statistic == -1
    assert_allclose(stats.fisher_exact([[8, 2], [1, 5]]).pvalue, 0.03496503496503495)
    density = stats.gaussian_kde(one)
    assert_allclose(density.integrate_box_1d(-10, 10), 1, atol=1e-6)
    assert stats.qmc.Sobol(2, scramble=False).random(4).tolist() == [[0, 0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]
    assert_allclose(stats.nbinom.pmf(3, 5, 0.5), 0.13671875)


def test_sparse_matrices():
    matrix = sparse.diags_array([-1, 2.1, -1], offsets=[-1, 0, 1], shape=(200, 200), format="csc")
    right = RANDOM.normal(size=200)
    assert_allclose(matrix @ sparse_linalg.spsolve(matrix, right), right, atol=1e-8)
    assert_allclose(matrix @ sparse_linalg.splu(matrix).solve(right), right, atol=1e-8)
    assert_allclose(matrix @ sparse_linalg.cg(matrix, right, rtol=1e-10)[0], right, atol=1e-6)
    largest = sparse_linalg.eigsh(matrix, k=3, return_eigenvectors=False)
    assert_allclose(largest, np.sort(np.linalg.eigvalsh(matrix.toarray()))[-3:], rtol=1e-8)
    for solver in ("arpack", "propack"):
        sizes = sparse_linalg.svds(matrix, k=2, solver=solver, maxiter=200, return_singular_vectors=False)
        assert_allclose(np.sort(sizes), np.sort(np.linalg.svd(matrix.toarray())[1])[-2:], rtol=1e-6)
    ways = csgraph.shortest_path(sparse.csr_array([[0, 7, 3], [0, 0, 0], [0, 1, 0]]))
    assert ways[0].tolist() == [0, 4, 3]
    assert csgraph.connected_components(sparse.csr_array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))[0] == 2


def test_geometry():
    points = RANDOM.normal(size=(200, 3))
    tree = spatial.KDTree(points)
    distance, place = tree.query(points[7] + 1e-6)
    assert place == 7 and distance < 1e-5
    square = [[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]]
    hull = spatial.ConvexHull(square)
    assert sorted(hull.vertices.tolist()) == [0, 1, 2, 3] and hull.volume == 1
    assert len(spatial.Delaunay(square).simplices) == 4 and len(spatial.Voronoi(square).vertices) == 4
    turned = spatial.transform.Rotation.from_euler("z", 90, degrees=True).apply([1, 0, 0])
    assert_allclose(turned, [0, 1, 0], atol=1e-12)
    assert_allclose(spatial.distance.pdist([[0, 0], [3, 4]]), [5])


def test_signals_and_images():
    wave = np.sin(2 * np.pi * 5 * np.arange(200) / 200)
    assert np.argmax(np.abs(fft.rfft(wave))) == 5
    assert_allclose(fft.idct(fft.dct(wave)), wave, atol=1e-12)
    smooth = signal.filtfilt(*signal.butter(3, 0.2), wave + 0.1 * RANDOM.normal(size=200))
    assert np.abs(smooth - wave).mean() < 0.06
    assert signal.find_peaks(wave)[0].tolist() == [10, 50, 90, 130, 170]
    assert_allclose(signal.fftconvolve([1, 2, 3], [1, 1]), [1, 3, 5, 3])
    image = np.zeros((9, 9))
    image[1:3, 1:3] = image[6:8, 6:8] = 1
    assert ndimage.label(image)[1] == 2
    assert_allclose(ndimage.gaussian_filter(image, 1).sum(), 8, atol=0.1)
    assert_allclose(ndimage.zoom(np.eye(2), 2, order=1)[0], [1, 2 / 3, 1 / 3, 0])
    assert ndimage.binary_dilation(image).sum() == 24


def test_clusters_and_files():
    import io as streams

    points = np.concatenate([RANDOM.normal(0, 0.1, (20, 2)), RANDOM.normal(5, 0.1, (20, 2))])
    groups = hierarchy.fcluster(hierarchy.linkage(points, "ward"), 2, "maxclust")
    assert len(set(groups[:20])) == len(set(groups[20:])) == 1 and groups[0] != groups[-1]
    centres = np.sort(vq.kmeans(points, 2, rng=1)[0][:, 0])
    assert_allclose(centres, [0, 5], atol=0.2)
    file = streams.BytesIO()
    io.savemat(file, {"a": np.arange(4.0)})
    assert io.loadmat(streams.BytesIO(file.getvalue()))["a"].tolist() == [[0, 1, 2, 3]]
    assert constants.c == 299792458 and scipy.__version__.startswith("1.")
