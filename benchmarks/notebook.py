"""The field's notebook as a script: the baseline for the kit's whole processes.

``python benchmarks/notebook.py DATA OUT``: pandas, StandardScaler, Dense(128, elu), 4 epochs, predict, write; the
layout and file names of the 2018 competition.
"""

import sys
from pathlib import Path

import keras
import pandas as pd
from sklearn.preprocessing import StandardScaler


def main(data: Path, out: Path) -> None:
    features = pd.read_csv(data / "train_data.csv", header=None)
    labels = pd.read_csv(data / "train_labels.csv", header=None)[0] - 1
    songs = pd.read_csv(data / "test_data.csv", header=None)
    scaler = StandardScaler().fit(features)
    genres = int(labels.max()) + 1
    network = keras.Sequential(
        [
            keras.Input((features.shape[1],)),
            keras.layers.Dense(128, activation="elu"),
            keras.layers.Dense(genres, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(scaler.transform(features), labels, epochs=4, validation_split=0.2, verbose=0)
    probabilities = network.predict(scaler.transform(songs), verbose=0)
    ids = pd.Series(range(1, len(songs) + 1), name="Sample_id")
    columns = [f"Class_{genre + 1}" for genre in range(genres)]
    pd.concat([ids, pd.DataFrame(probabilities, columns=columns)], axis=1).to_csv(out / "all.csv", index=False)
    chosen = probabilities.argmax(axis=1) + 1
    pd.concat([ids, pd.Series(chosen, name="Sample_label")], axis=1).to_csv(out / "pred.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
