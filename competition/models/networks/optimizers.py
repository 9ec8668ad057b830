"""From a recipe to its optimizer."""

from collections.abc import Sequence
from functools import partial

from competition.models.networks.recipe import Recipe
from competition.runtime.backend import keras, tensorflow

_DECAYED_NOT = ["bias"]


@keras.saving.register_keras_serializable(package="genre-kit")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam with the update in one pass over memory: TensorFlow's fused kernel instead of ten operations.

    The weights of a pack fill more memory than the processor's caches, so each pass counts. The weight decay is one
    pass too, where Keras needs two.
    """

    def _apply_weight_decay(self, variables: Sequence[keras.Variable]) -> None:
        if self.weight_decay is None:
            return
        for variable in variables:
            if self._use_weight_decay(variable):
                variable.assign(variable * (1 - self.weight_decay * self.learning_rate))

    def update_step(
        self, gradient: tensorflow.Tensor, variable: tensorflow.Variable, learning_rate: tensorflow.Tensor
    ) -> None:
        """Update one variable and its two moments in place.

        Parameters
        ----------
        gradient : Tensor of float32, the variable's shape
        variable : tensorflow.Variable of float32
            One of those that the optimizer was built for.
        learning_rate : Tensor of float32, shape ()
        """
        step = tensorflow.cast(self.iterations.value + 1, variable.dtype)
        index = self._get_variable_index(variable)
        tensorflow.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tensorflow.pow(tensorflow.cast(self.beta_1, variable.dtype), step),
            beta2_power=tensorflow.pow(tensorflow.cast(self.beta_2, variable.dtype), step),
            lr=tensorflow.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def build_optimizer(recipe: Recipe, steps: int) -> keras.Optimizer:
    """Build a recipe's optimizer.

    Parameters
    ----------
    recipe : Recipe
    steps : int
        All steps of the training, over which the schedule runs.
    """
    rate = recipe.learning_rate
    if recipe.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps=steps)
    momentum = recipe.own.get("momentum", 0.0)
    kinds = {
        "adam": FusedAdam,
        "nadam": keras.optimizers.Nadam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": partial(keras.optimizers.SGD, momentum=momentum, nesterov=momentum > 0),
    }
    optimizer = kinds[recipe.optimizer](rate, weight_decay=recipe.weight_decay or None)
    if recipe.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=_DECAYED_NOT)
    return optimizer
