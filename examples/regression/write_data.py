"""
Write data/*.csv from the diabetes data set that scikit-learn ships.

442 patients of a real study (Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", 2004):
ten measurements of each, and how far the illness had gone a year later. The values are the unscaled ones.
Run it again to get the same files: python write_data.py
"""

from pathlib import Path

from sklearn.datasets import load_diabetes

patients = load_diabetes(scaled=False, as_frame=True).frame.rename(columns={"target": "progression"})
folder = Path(__file__).parent / "data"
folder.mkdir(exist_ok=True)
half = len(patients) // 2
for name, part in {"clinic-1.csv": patients[:half], "clinic-2.csv": patients[half:]}.items():
    part.to_csv(folder / name, index=False, lineterminator="\n")
