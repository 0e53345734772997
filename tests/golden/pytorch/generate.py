"""Four small PyTorch models, their weights as safetensors, and what they answer. Needs torch, numpy and safetensors.

    python tests/golden/pytorch/generate.py

Writes beside itself, for each model, `NAME.safetensors` (the state_dict) and `NAME.json` (input and output).
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent


class Cnn(nn.Module):
    """Attributes with names of their own; running statistics that a pass in training has moved."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.PReLU(4)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, groups=2, bias=False)
        self.fc = nn.Linear(6 * 3 * 3, 5)

    def forward(self, x):
        x = self.act(self.norm(self.conv1(x)))
        x = torch.relu(self.conv2(x))
        return self.fc(x.flatten(1))


class Tagger(nn.Module):
    """Two layers of LSTM in both directions."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(10, 3)

    def forward(self, x):
        return self.out(self.lstm(self.embedding(x))[0])


def transformer():
    """A Sequential, whose names are numbers."""
    layer = lambda: nn.TransformerEncoderLayer(
        8, 2, dim_feedforward=16, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.Sequential(nn.Embedding(11, 8), layer(), layer(), nn.LayerNorm(8), nn.Linear(8, 11))


class Decoder(nn.Module):
    """Attention to a memory; the sequence sees no later steps."""

    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerDecoderLayer(
            8, 2, dim_feedforward=16, dropout=0.0, batch_first=True
        )

    def forward(self, x, memory):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.layer(x, memory, tgt_mask=mask)


def write(name, model, *inputs):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        model.train()
        model(*inputs)
        model.eval()
        y = model(*inputs)
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    save_file(state, HERE / f"{name}.safetensors")
    case = {"torch": torch.__version__}
    array = lambda tensor: {"shape": list(tensor.shape), "data": tensor.flatten().tolist()}
    case |= {"inputs": [array(x) for x in inputs], "y": array(y)}
    (HERE / f"{name}.json").write_text(json.dumps(case) + "\n")


torch.manual_seed(7)
write("cnn", Cnn(), torch.randn(3, 1, 8, 8))
write("lstm", Tagger(), torch.randint(0, 11, (3, 7)))
write("transformer", transformer(), torch.randint(0, 11, (3, 6)))
write("decoder", Decoder(), torch.randn(3, 5, 8), torch.randn(3, 4, 8))
