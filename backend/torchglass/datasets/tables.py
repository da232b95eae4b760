"""Small classic tables: iris, wine, breast cancer, diabetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.datasets._tables import Table

if TYPE_CHECKING:
    import numpy as np

_LICENCE = "CC BY 4.0 (UCI Machine Learning Repository)"
_CELL = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


class Iris(Table):
    kind = "iris"
    label = "Iris"
    summary = "150 flowers of three species, measured in four places."
    docs = (
        "Field `features` (length and width of sepal and petal, in cm) and `label` (the species). Setosa stands "
        "apart; versicolor and virginica overlap a little.\n\n"
        "Source: Fisher (1936), *The use of multiple measurements in taxonomic problems*."
    )
    source = "R. A. Fisher (1936), Iris; taken from scikit-learn"
    licence = _LICENCE
    columns = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    classes = ("setosa", "versicolor", "virginica")
    sizes = (50, 50, 50)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import load_iris

        return load_iris(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn has no types


class Wine(Table):
    kind = "wine"
    label = "Wine"
    summary = "178 wines from three growers, with 13 chemical measurements."
    docs = (
        "Field `features` and `label` (which of three cultivars of one region). The columns have very different "
        "sizes (proline about 750, hue about 1): without standardisation hardly anything is learned.\n\n"
        "Source: Aeberhard, Forina (1991), *Wine*, UCI Machine Learning Repository."
    )
    source = "S. Aeberhard, M. Forina (1991), Wine; taken from scikit-learn"
    licence = _LICENCE
    columns = (
        "alcohol",
        "malic acid",
        "ash",
        "alcalinity of ash",
        "magnesium",
        "total phenols",
        "flavanoids",
        "nonflavanoid phenols",
        "proanthocyanins",
        "colour intensity",
        "hue",
        "OD280/OD315 of diluted wines",
        "proline",
    )
    classes = ("cultivar 1", "cultivar 2", "cultivar 3")
    sizes = (59, 71, 48)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import load_wine

        return load_wine(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn has no types


class BreastCancer(Table):
    kind = "breast_cancer"
    label = "Breast cancer (Wisconsin)"
    summary = "569 tumours, malignant or benign, by 30 measurements of cell nuclei."
    docs = (
        "Field `features` and `label`. Ten properties of the nuclei in a picture of the tissue, each as mean, "
        "standard error and worst value. For learning only, not for any diagnosis.\n\n"
        "Source: Street, Wolberg, Mangasarian (1993), *Nuclear feature extraction for breast tumor diagnosis*."
    )
    source = "W. Wolberg, O. Mangasarian, N. Street, W. Street (1993), Breast Cancer Wisconsin; taken from scikit-learn"
    licence = _LICENCE
    columns = tuple(
        [f"mean {name}" for name in _CELL] + [f"{name} error" for name in _CELL] + [f"worst {name}" for name in _CELL]
    )
    classes = ("malignant", "benign")
    sizes = (212, 357)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import load_breast_cancer

        return load_breast_cancer(return_X_y=True)  # type: ignore[no-any-return]  # scikit-learn has no types


class Diabetes(Table):
    kind = "diabetes"
    label = "Diabetes"
    summary = "442 patients with ten measurements, and how far their disease went in a year."
    docs = (
        "Field `features` (age, sex, body mass index, blood pressure, six blood values) and `value` (a measure of "
        "progression, 25 to 346). Noisy: about half of the variance can be explained.\n\n"
        "Source: Efron, Hastie, Johnstone, Tibshirani (2004), *Least angle regression*."
    )
    source = "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), diabetes data; taken from scikit-learn"
    licence = "BSD-3-Clause (as part of scikit-learn)"
    columns = (
        "age",
        "sex",
        "body mass index",
        "blood pressure",
        "total cholesterol",
        "LDL",
        "HDL",
        "cholesterol / HDL",
        "log triglycerides",
        "glucose",
    )
    sizes = (442,)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import load_diabetes

        return load_diabetes(return_X_y=True, scaled=False)  # type: ignore[no-any-return]  # scikit-learn has no types
