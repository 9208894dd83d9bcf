"""Records the loss and the gradient of forecasting networks in PyTorch (E34, E35).

    pip install --require-hashes -r tests/interop/requirements/with_torch.txt
    python tests/vectors/make_forecast_vectors.py

Writes forecast/quantiles.safetensors and forecast/gaussian.safetensors. The metadata of each has the CRC-32
of this script; a test compares that with the script as it stands. Everything is float64.
"""

import json
import zlib
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

SEED = 20240229
HERE = Path(__file__).resolve().parent

D, H, LAYERS, B, T = 3, 4, 2, 3, 5
# The horizon times the columns.
TARGETS = 4
QUANTILES = [0.05, 0.25, 0.5, 0.9]
EPSILON = 1e-3
# The windows of a batch end at different rows.
LENGTHS = [5, 3, 4]


def quantile_loss(z, y):
    """The pinball loss of every target, summed over the quantiles (E34)."""
    q = torch.tensor(QUANTILES, dtype=torch.float64)
    error = y[..., None] - z
    return torch.maximum(q * error, (q - 1) * error).sum(-1)


def gaussian_loss(z, y):
    """−ln of the density of a normal distribution (E35)."""
    mean, deviation = z[..., 0], nn.functional.softplus(z[..., 1]) + EPSILON
    return -torch.distributions.Normal(mean, deviation).log_prob(y)


class Forecaster(nn.Module):
    def __init__(self, per_target):
        super().__init__()
        self.lstm = nn.LSTM(D, H, LAYERS, dtype=torch.float64)
        self.head = nn.Linear(H, TARGETS * per_target, dtype=torch.float64)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


def record(name, per_target, loss_of):
    rng = torch.Generator().manual_seed(SEED)

    def numbers(*shape):
        return torch.rand(*shape, generator=rng, dtype=torch.float64) * 2 - 1

    net = Forecaster(per_target)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(numbers(*parameter.shape))
    x, y = numbers(T, B, D), 2 * numbers(T, B, TARGETS)
    present = torch.rand(T, B, TARGETS, generator=rng) < 0.7
    present &= (torch.arange(T)[:, None] < torch.tensor(LENGTHS))[..., None]
    z = net(x).unflatten(-1, (TARGETS, per_target))
    m = present.double()
    loss = (m * loss_of(z, y)).sum() / m.sum()
    loss.backward()
    tensors = {"x": x, "y": y, "present": present.long(), "lengths": torch.tensor(LENGTHS)}
    tensors |= {"loss": loss.detach().reshape(1)}
    for key, parameter in net.named_parameters():
        key = key.removeprefix("lstm.")
        tensors |= {key: parameter.detach().clone(), f"grad.{key}": parameter.grad}
    how = {
        "torch": torch.__version__,
        "seed": SEED,
        "script_crc32": zlib.crc32(Path(__file__).read_bytes()),
        "input_size": D,
        "hidden_size": H,
        "layers": LAYERS,
        "batch_size": B,
        "seq_len": T,
        "targets": TARGETS,
        "quantiles": QUANTILES,
    }
    contiguous = {key: tensor.contiguous() for key, tensor in tensors.items()}
    metadata = {"record": json.dumps(how, sort_keys=True)}
    save_file(contiguous, HERE / "forecast" / f"{name}.safetensors", metadata=metadata)
    print(f"{name}: loss {loss.item()}, {int(m.sum())} targets")


torch.set_num_threads(1)
record("quantiles", len(QUANTILES), quantile_loss)
record("gaussian", 2, gaussian_loss)
