"""Estimators of each kind, most of which have extensions of their own, on the data sets that the package contains."""

import io
import pickle

import joblib
import numpy as np
from sklearn import (
    cluster,
    compose,
    datasets,
    decomposition,
    ensemble,
    feature_extraction,
    gaussian_process,
    impute,
    isotonic,
    linear_model,
    manifold,
    metrics,
    mixture,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

FLOWERS, KINDS = datasets.load_iris(return_X_y=True)
SICK, PROGRESS = datasets.load_diabetes(return_X_y=True)


def test_classifiers():
    training, other, kinds, expected = model_selection.train_test_split(FLOWERS, KINDS, random_state=1, stratify=KINDS)
    for model in (
        linear_model.LogisticRegression(max_iter=1000),
        linear_model.SGDClassifier(random_state=1, max_iter=2000),
        svm.SVC(),
        svm.LinearSVC(random_state=1),
        tree.DecisionTreeClassifier(random_state=1),
        ensemble.RandomForestClassifier(n_estimators=20, random_state=1),
        ensemble.GradientBoostingClassifier(n_estimators=20, random_state=1),
        ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=1),
        neighbors.KNeighborsClassifier(),
        naive_bayes.GaussianNB(),
        gaussian_process.GaussianProcessClassifier(random_state=1),
        neural_network.MLPClassifier((10,), solver="lbfgs", random_state=1, max_iter=2000),
    ):
        score = pipeline.make_pipeline(preprocessing.StandardScaler(), model).fit(training, kinds).score(other, expected)
        assert score > 0.85, (model, score)


def test_regressions():
    for model, least in (
        (linear_model.LinearRegression(), 0.5),
        (linear_model.Ridge(0.1), 0.5),
        (linear_model.LassoCV(cv=3, random_state=1), 0.45),
        (linear_model.ElasticNet(0.001), 0.4),
        (linear_model.HuberRegressor(max_iter=1000), 0.45),
        (svm.SVR(C=100), 0.4),
        (ensemble.RandomForestRegressor(n_estimators=20, random_state=1), 0.8),
    ):
        score = model.fit(SICK, PROGRESS).score(SICK, PROGRESS)
        assert score > least, (model, score)
    rising = isotonic.IsotonicRegression().fit_transform([1, 2, 3, 4], [1, 3, 2, 4])
    assert rising.tolist() == [1, 2.5, 2.5, 4]


def test_groups():
    points, groups = datasets.make_blobs(150, centers=[[0, 0], [5, 5], [0, 5]], cluster_std=0.5, random_state=1)
    for model in (
        cluster.KMeans(3, random_state=1),
        cluster.MiniBatchKMeans(3, random_state=1),
        cluster.AgglomerativeClustering(3),
        cluster.DBSCAN(1),
        cluster.HDBSCAN(copy=True),
        cluster.SpectralClustering(3, random_state=1),
        mixture.GaussianMixture(3, random_state=1),
    ):
        assert metrics.adjusted_rand_score(groups, model.fit_predict(points)) > 0.9, model


def test_fewer_dimensions():
    digits = datasets.load_digits().data[:300]
    assert decomposition.PCA(10).fit(digits).explained_variance_ratio_.sum() > 0.7
    parts = decomposition.NMF(5, init="nndsvda", max_iter=500, tol=1e-3).fit_transform(digits)
    assert parts.shape == (300, 5) and (parts >= 0).all()
    assert manifold.TSNE(2, max_iter=250, random_state=1).fit_transform(digits[:100]).shape == (100, 2)
    assert manifold.Isomap(n_neighbors=10).fit_transform(digits).shape == (300, 2)


def test_texts():
    texts = ["the cat sat", "the dog sat", "a cat and a dog", "stocks fell again", "stocks rose and fell"]
    table = feature_extraction.text.TfidfVectorizer().fit_transform(texts)
    near = metrics.pairwise.cosine_similarity(table)
    assert near[3, 4] > near[3, 0] and table.shape == (5, 9)
    hashed = feature_extraction.text.HashingVectorizer(n_features=16).transform(texts)
    assert hashed.shape == (5, 16)


def test_pipelines():
    rows = np.array([["a", 1.0], ["b", np.nan], ["a", 3.0], ["c", 4.0]], dtype=object)
    columns = compose.ColumnTransformer(
        [("kind", preprocessing.OneHotEncoder(), [0]), ("number", impute.SimpleImputer(), [1])], sparse_threshold=0
    )
    assert columns.fit_transform(rows)[1].tolist() == [0, 1, 0, 8 / 3]
    search = model_selection.GridSearchCV(svm.SVC(), {"C": [0.1, 1, 10]}, cv=3, n_jobs=2).fit(FLOWERS, KINDS)
    assert search.best_score_ > 0.95
    scores = model_selection.cross_val_score(tree.DecisionTreeClassifier(random_state=1), FLOWERS, KINDS, cv=5)
    assert scores.mean() > 0.9


def test_measures():
    truth, guess = [0, 1, 1, 0, 1], [0, 1, 0, 0, 1]
    assert metrics.confusion_matrix(truth, guess).tolist() == [[2, 0], [1, 2]]
    assert metrics.f1_score(truth, guess) == 0.8
    assert metrics.roc_auc_score(truth, [0.1, 0.9, 0.4, 0.3, 0.8]) == 1
    assert metrics.silhouette_score([[0.0], [0.1], [5], [5.1]], [0, 0, 1, 1]) > 0.9


def test_models_are_kept():
    model = ensemble.RandomForestClassifier(n_estimators=5, random_state=1).fit(FLOWERS, KINDS)
    file = io.BytesIO()
    joblib.dump(model, file)
    for again in (pickle.loads(pickle.dumps(model)), joblib.load(io.BytesIO(file.getvalue()))):
        assert (again.predict(FLOWERS) == model.predict(FLOWERS)).all()
    try:
        svm.SVC().predict(FLOWERS)
    except Exception as error:
        assert type(error).__name__ == "NotFittedError"
    else:
        raise AssertionError("a model that has seen nothing predicts")
