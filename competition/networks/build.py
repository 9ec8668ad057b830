"""From a recipe to a Keras network: standardized columns in, genre probabilities out."""

from competition.backend import keras
from competition.edition import Edition
from competition.networks.dense import dense_body
from competition.networks.lstm import lstm_body
from competition.networks.recipe import Recipe

_BODIES = {"dense": dense_body, "lstm": lstm_body}


def build_network(recipe: Recipe, edition: Edition) -> keras.Model:
    """Build and compile the network of a recipe for an edition's columns and genres.

    Returns
    -------
    keras.Model
        Maps standardized features, float32 (batch, columns), to probabilities, float32 (batch, genres);
        compiled with the recipe's optimizer and the multiclass log loss on 0-based genre numbers.

    Notes
    -----
    The multiclass log loss is trained on also where the board counts binary log loss over all cells: with
    probabilities that sum to 1 both are lowest at the true ones.
    """
    columns = keras.Input((edition.columns,), name="columns")
    body = _BODIES[recipe.family](columns, recipe, edition)
    probabilities = keras.layers.Dense(len(edition.genres), activation="softmax", name="genres")(body)
    network = keras.Model(columns, probabilities, name=recipe.name.replace("/", "-"))
    network.compile(
        optimizer=keras.optimizers.get({"class_name": recipe.optimizer, "config": _optimizer_settings(recipe)}),
        loss="sparse_categorical_crossentropy",
    )
    return network


def _optimizer_settings(recipe: Recipe) -> dict[str, float]:
    return {"learning_rate": recipe.learning_rate}
