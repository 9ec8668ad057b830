# %% [markdown]
# # An evening with a genre competition
# Every cell runs in a notebook as it stands; the whole file runs with `python examples/evening.py`.

# %%
import genre_kit

folder, edition = genre_kit.sample(out="download")  # made up; a real download works the same way
print(f"{folder}: files in the layout of {edition}")

# %% [markdown]
# ## Train, score, write both files
# The out-of-fold score comes from models that have not seen the song.

# %%
first = genre_kit.submit(data="download", model="baseline", folds=3, out="runs/first")
print(first.scores.accuracy, first.scores.board_log_loss)
print(first.probabilities.shape, first.labels[:5], sorted(path.name for path in first.folder.iterdir()))

# %% [markdown]
# ## Another model, a blend, a comparison

# %%
other = genre_kit.submit(data="download", model="discriminant-analysis", folds="runs/first/folds.csv", out="runs/other")
blend = genre_kit.blend([first.folder, other.folder], out="runs/blend")
for part in blend.held_out.pool.parts:
    print(f"{part.name}: alone {part.alone}, weight {part.weight:.2f}")
print("blend", blend.scores.board_log_loss)

# %%
comparison = genre_kit.compare(["runs/first", "runs/blend"])
print(comparison.differences[0].differences.board_log_loss)

# %% [markdown]
# ## Check before handing in, and meet a mistake

# %%
print(genre_kit.check(["runs/blend"], data="download").is_ok)
try:
    genre_kit.submit(data="download", model="baseline", preset="quick")
except genre_kit.KitError as problem:
    print(problem)
