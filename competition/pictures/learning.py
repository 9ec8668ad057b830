"""Pictures of training: learning curves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from competition.models.base.crossfit import Epoch
from competition.pictures.style import BLUE, VERMILION, new_figure, styled

_MOST_MARKED_EPOCHS = 30


@styled
def learning_curves(history: Sequence[Epoch], name: str) -> Figure:
    """Draw training and held-out loss against the epoch: each fold thin, the mean over the folds thick.

    Parameters
    ----------
    history : sequence of Epoch
        At least one, in any order.
    name : str
        Of the recipe.

    Returns
    -------
    Figure
    """
    folds, fold_of = np.unique([epoch.fold for epoch in history], return_inverse=True)
    epochs, epoch_of = np.unique([epoch.epoch for epoch in history], return_inverse=True)
    losses = np.full((2, len(epochs), len(folds)), np.nan)
    losses[:, epoch_of, fold_of] = np.transpose([(epoch.training_loss, epoch.held_out_loss) for epoch in history])
    lines = f"{len(folds)} folds (thin) and their mean (thick)" if len(folds) > 1 else "one fold"
    figure = new_figure(f"{name}: training and held-out loss by epoch, {lines}", 7.5, 4.2)
    axes = figure.subplots()
    for name, colour, loss in zip(("training", "held out"), (BLUE, VERMILION), losses, strict=True):
        _draw_curves(axes, epochs, loss, name, colour)
    axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", ylabel="loss while training (multiclass log loss)")
    axes.grid(axis="y")
    axes.legend()
    return figure


def _draw_curves(axes: Axes, epochs: np.ndarray, losses: np.ndarray, name: str, colour: str) -> None:
    """Draw losses of shape (epochs, folds)."""
    marker = "o" if len(epochs) <= _MOST_MARKED_EPOCHS else ""
    axes.plot(epochs, losses, color=colour, alpha=0.35, linewidth=0.8, marker=marker, markersize=2)
    axes.plot(epochs, np.nanmean(losses, axis=1), color=colour, linewidth=2.2, marker=marker, markersize=4, label=name)
