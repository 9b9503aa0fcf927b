"""The TensorFlow model. TensorFlow is imported in this folder only, and not by `__init__`.

start           import TensorFlow without its start-up messages
training        train one run: fit the model, report each epoch, return a Scorer
architectures   `duet` and `tutorial`: from a config to a model, its batches and optimizers
multitask       MultiTaskModel: the weighted sum of the two losses, and one training step on it
balancing       loss balancing: fixed weights, uncertainty, inverse loss, PCGrad
towers          query and candidate towers: the vectors of users and movies for retrieval
retrieval       the retrieval losses: in-batch softmax, squared error over the catalogue
rating          the rating heads: an MLP (`tutorial`), biases plus a dot product (`duet`)
raters          sums of embeddings over the users who rated each movie
batches         batches of train ratings for one epoch
sparse          sums of embeddings as sparse matrix products
export          the trained model as a Scorer of plain arrays
"""
