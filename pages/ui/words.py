"""The glossary of the pages: each term with its label, its unit and a sentence for the tooltip."""

from dataclasses import dataclass

from recsys.data import names as data_names
from recsys.evaluation.metrics import METRICS


@dataclass(frozen=True)
class Word:
    """One term. `higher_is_better` is None for what is neither good nor bad."""

    label: str
    sentence: str
    unit: str = ""
    decimals: int = 3
    higher_is_better: bool | None = None


WORDS: dict[str, Word] = {
    # The two tasks and their losses.
    "retrieval": Word(
        "Retrieval", "The task of finding, in the whole catalogue, the movies a user will watch."
    ),
    "rating": Word("Rating", "The task of predicting how many stars a user will give a movie."),
    "retrieval_weight": Word(
        "Retrieval weight",
        "The factor on the retrieval loss in the total loss. With 0 the task is not trained.",
        decimals=2,
    ),
    "rating_weight": Word(
        "Rating weight",
        "The factor on the rating loss in the total loss. With 0 the task is not trained.",
        decimals=2,
    ),
    "loss": Word(
        "Loss",
        "What training minimises. Each task's loss is divided by the loss of a trivial predictor, "
        "which is the same for all users: 1 means no better than that.",
        higher_is_better=False,
    ),
    "retrieval_loss": Word(
        "Retrieval loss",
        "Weighted squared error of the scores over all movies (tutorial: softmax cross-entropy), "
        "divided by the loss of the best scores that are the same for all users: 1 is no better "
        "than those, lower is better.",
        higher_is_better=False,
    ),
    "rating_loss": Word(
        "Rating loss",
        "Mean squared error of the predicted ratings, divided by the ratings' variance: 1 is no "
        "better than always predicting the mean, lower is better.",
        higher_is_better=False,
    ),
    "total_loss": Word(
        "Total loss",
        "The weighted sum of the two tasks' losses. Training minimises it.",
        higher_is_better=False,
    ),
    "loss_share": Word(
        "Share of the total loss",
        "Each task's weighted loss as a percentage of the total loss.",
        "%",
        0,
    ),
    # Why the weights act.
    "cost": Word(
        "Cost",
        "A ratio costs a task something where the task is measurably worse than trained alone, or, "
        "for one training of all ratios, than at its best ratio: the 95 % interval of the "
        "difference (paired bootstrap over users) excludes 0 and the difference is larger than "
        "0.001. With several seeds, it must also be larger than twice its standard error. Ratios "
        "are retrieval weight : rating weight.",
    ),
    "sharing": Word(
        "What the tasks share",
        "What the rating is predicted from. tied: the vectors that rank the movies. mapped: these "
        "vectors times one learned matrix. mostly shared: a linear map of the retrieval "
        "embeddings. own and shared (the default): that map, and embeddings of its own. separate: "
        "the tasks share nothing.",
    ),
    "gradient_norm": Word(
        "Gradient norms",
        "Norm of each task's weighted gradient on the shared embeddings, averaged over the steps "
        "of the epoch. The task with the larger norm changes the embeddings more. With "
        "mostly shared and with own and shared vectors, only 15 % of the rating gradient reaches "
        "them; with tied and mapped vectors, all of it.",
    ),
    "gradient_cosine": Word(
        "Gradient cosine",
        "Cosine between the two tasks' gradients on the shared embeddings, from -1 to 1. Above 0 "
        "a step for one task also helps the other; below 0 the tasks are in conflict; near 0 "
        "they do not affect each other.",
        decimals=2,
    ),
    "log_variance": Word(
        "Log-variances",
        "The learnt parameter s of uncertainty weighting. A task's loss is multiplied by "
        "exp(-s): the smaller s, the more the task counts.",
    ),
    "balancing": Word(
        "Loss balancing",
        "A method that rescales the two losses or gradients during training. The weights are "
        "applied after it.",
    ),
    "balancing_factor": Word(
        "Balancing factors",
        "The factor on each task's weight: 1 / the task's current loss.",
    ),
    # Data.
    "users": Word("Users", "Users who rated at least one movie.", decimals=0),
    "movies": Word("Movies", "All movies of the catalogue, rated or not.", decimals=0),
    "ratings": Word("Ratings", "Stars given: one user, one movie, one rating.", decimals=0),
    "sparsity": Word(
        "Sparsity",
        "Share of all user–movie pairs without a rating.",
        "%",
        1,
    ),
    "popularity": Word(
        "Popularity", "Number of ratings a movie received from all users.", decimals=0
    ),
    "catalogue": Word("Catalogue", "All movies that can be recommended.", decimals=0),
    "history": Word("History", "The movies a user rated in the training part of the data."),
    "seen": Word("Seen", "Movies the user rated in the training or validation part."),
    "train": Word("Train", "The ratings the model learns from."),
    "validation": Word(
        "Validation",
        "Ratings that are not trained on. They are measured after every epoch, and settings are "
        "chosen on them.",
    ),
    "holdout": Word(
        "Holdout",
        "Ratings that are neither trained on nor used to choose settings. They are measured once, "
        "at the end of a run.",
    ),
    # Runs.
    "run": Word("Run", "One training: its settings, its data, the trained model and its metrics."),
    "preset": Word(
        "Preset",
        "A named pair of loss weights: rating-specialised (0, 1), retrieval-specialised (1, 0) "
        "and multi-task (1, 1).",
    ),
    "baseline": Word(
        "Baseline",
        "A simple reference model: most popular movies for retrieval, user + movie biases for "
        "ratings. A trained model should beat it.",
    ),
    "most popular": Word(
        "Most popular",
        "Baseline: the movies with the most ratings in train, the same for all users.",
    ),
    "user + movie bias": Word(
        "User + movie bias",
        "Baseline: mean rating + user bias + movie bias. Biases from few ratings are shrunk "
        "towards 0.",
    ),
    "trial": Word(
        "Trial",
        "One run of a search. Its settings are chosen from the results of earlier trials, so a "
        "second search continues where the first one ended.",
    ),
    "line": Word(
        "All ratios",
        "RMSE and NDCG@20 of the models for all ratios of the weights, from retrieval to rating, "
        "which one training has learnt. Better is up and right.",
    ),
    "front": Word(
        "Pareto front",
        "The points that are not dominated: no other point is at least as good in both metrics "
        "and better in one.",
    ),
    "epoch": Word("Epoch", "One pass of training over all training ratings.", decimals=0),
    "seconds": Word("Time", "Wall-clock time of the run, data loading to evaluation.", "s", 1),
    "seconds_left": Word(
        "Time left", "Estimated from the epochs done so far, evaluation included.", "s", 0
    ),
    "turns": Word(
        "Turns",
        "People take turns: a run of somebody with one request waits for one run of each other "
        "person at most, however many they have asked for.",
    ),
    "worker": Word("Worker", "The process that trains. The pages stay usable while it works."),
    "peak_rss_mb": Word("Memory", "Largest memory the training process held.", "MB", 0),
    # Recommendations.
    "retrieval_score": Word(
        "Retrieval score",
        "The score of the retrieval task. Movies are ranked by it; its size has no unit.",
        higher_is_better=True,
    ),
    "predicted_stars": Word(
        "Predicted stars", "The rating that the model predicts for this user.", "stars", 2
    ),
    "serving_blend": Word(
        "Serving blend",
        "Movies are ranked by retrieval score / standard deviation + w × predicted stars: from "
        "retrieval alone (w = 0) to predicted stars alone (w infinite). It needs no training.",
    ),
    "mmr": Word(
        "Diversity",
        "Places are given one by one, to movies that rank high and are unlike those before them "
        "(maximal marginal relevance; similarity is the cosine of the model's movie vectors). It "
        "needs no training.",
    ),
    "history_ratings": Word("History", "Movies this user rated in the training part.", decimals=0),
    "holdout_ratings": Word(
        "Holdout",
        "Movies this user rated in the holdout part. A good model recommends these.",
        decimals=0,
    ),
    "mean_rating": Word("Mean rating", "Average of the stars this user gave in train.", "★", 2),
    "user_ndcg@20": Word(
        "User's NDCG@20",
        "NDCG@20 of this run for this user, 0 to 1. Below: the difference to the mean over all "
        "users.",
        higher_is_better=True,
    ),
    "user_rmse": Word(
        "User's RMSE",
        "RMSE of this run's predictions for this user's held-out ratings, in stars. Below: the "
        "difference to the RMSE over all users.",
        "★",
        higher_is_better=False,
    ),
}

# Each loss balancing: what it does, when it helps, its source.
BALANCING = {
    "fixed": "Fixed: only the weights are used. Tuned weights are hard to beat "
    "([Kurin et al. 2022](https://arxiv.org/abs/2201.04122)).",
    "uncertainty": "Uncertainty: each task's noise is learnt, and a noisy task is weighted down. "
    "Helps when the losses have different scales and weights are not tuned "
    "([Kendall et al. 2018](https://arxiv.org/abs/1705.07115)).",
    "inverse-loss": "Inverse loss: each loss is divided by its current value, so a task with a "
    "small loss keeps its gradient. Helps when one loss becomes far smaller than the other "
    "([Chennupati et al. 2019](https://arxiv.org/abs/1904.08492)).",
    "pcgrad": "PCGrad: where the gradients are in conflict, the conflicting component of each is "
    "projected out. Helps when the cosine is often well below 0 "
    "([Yu et al. 2020](https://arxiv.org/abs/2001.06782)).",
}
BALANCING_LABELS = {
    "fixed": "Fixed",
    "uncertainty": "Uncertainty",
    "inverse-loss": "Inverse loss",
    "pcgrad": "PCGrad",
}

HEADLINE_METRICS = ("top_k_accuracy@100", "recall@20", "ndcg@20", "rmse")
MAIN_METRICS = ("top_k_accuracy@100", "recall@20", "rmse")  # where there is room for three
NOTHING = "–"
dataset_label = data_names.dataset_label
COMPARE_WITH = "Compare with"  # the choice of what stands beside the run in view
# RunConfig fields whose labels are not their names.
FIELDS = {
    "data": "Data set",
    "sharing": WORDS["sharing"].label,
    "all_ratios": "All ratios in one training",
}


def word(term: str) -> Word:
    """Return the entry of a term. Metrics are described in `recsys.evaluation.metrics`.

    Raises:
        KeyError: the glossary has no such term.
    """
    if term in WORDS:
        return WORDS[term]
    if term not in METRICS:
        raise KeyError(f"no word for {term!r} in the glossary")
    metric = METRICS[term]
    better = "Higher" if metric.higher_is_better else "Lower"
    scale = f" {better} is better." if metric.unit else f" 0 to 1; {better.lower()} is better."
    return Word(
        metric.label,
        metric.explanation + scale,
        metric.unit,
        higher_is_better=metric.higher_is_better,
    )


def label(term: str) -> str:
    """Return a term's label."""
    return word(term).label


def explain(term: str) -> str:
    """Return a term's sentence, for a tooltip."""
    return word(term).sentence


def number(term: str, value: float | None, *, unit: bool = True) -> str:
    """Write a value with the term's decimals and unit: `number("rmse", 0.92)` is `0.920 stars`."""
    if value is None:
        return NOTHING
    entry = word(term)
    text = f"{value:,.{entry.decimals}f}"
    if not unit or not entry.unit:
        return text
    return f"{text} {entry.unit}"


def signed(value: float, decimals: int) -> str:
    """Write a difference with its sign: `signed(-0.0111, 3)` is `−0.011`."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def field_label(field: str) -> str:
    """Return the label of a RunConfig field: `batch_size` is `Batch size`."""
    if field in FIELDS:
        return FIELDS[field]
    return field.replace("_", " ").capitalize().replace(" l2", " L2")
