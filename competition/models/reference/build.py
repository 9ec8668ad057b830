"""From a recipe to one Keras network: scaled columns in, genre probabilities out."""

from competition.data.edition import Edition
from competition.models.networks.families import FAMILIES
from competition.models.networks.optimizers import build_optimizer
from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras


def build_network(recipe: Recipe, edition: Edition, columns: int, rows: int) -> keras.Model:
    """Build and compile the network of a recipe for an edition's genres.

    Parameters
    ----------
    recipe : Recipe
    edition : Edition
    columns : int
        The number of columns after scaling.
    rows : int
        The number of rows it will be trained on: with the batch size it decides over how many steps the
        schedule runs.

    Returns
    -------
    keras.Model
        Maps scaled features, float32 (batch, columns), to probabilities, float32 (batch, genres); compiled with
        the recipe's optimizer and the multiclass log loss on 0-based genre numbers.

    Notes
    -----
    Training minimizes the multiclass log loss even where the board scores binary log loss over all cells: for
    probabilities that sum to 1, both are lowest at the true ones.
    """
    inputs = keras.Input((columns,), name="columns")
    rate = recipe.input_dropout_of(columns)
    tensor = keras.layers.Dropout(rate)(inputs) if rate else inputs
    body = FAMILIES[recipe.family].reference_body(tensor, recipe, edition)
    probabilities = keras.layers.Dense(len(edition.genres), activation="softmax", name="genres")(body)
    network = keras.Model(inputs, probabilities)
    steps = recipe.steps_per_epoch(rows) * recipe.epochs
    network.compile(optimizer=build_optimizer(recipe, steps), loss="sparse_categorical_crossentropy")
    return network
