"""The model of examples/char_gpt.rs in PyTorch, on the same windows: char_gpt.py FILE [STEPS]

Prints the loss on the validation part, in nats for each character.
"""

import sys

import torch
from torch import nn

WIDTH, HEADS, LAYERS, CONTEXT, BATCH = 128, 4, 2, 64, 16


class Gpt(nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.tokens = nn.Embedding(characters, WIDTH)
        self.positions = nn.Parameter(torch.empty(CONTEXT, WIDTH))
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions, std=0.02)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.body = nn.TransformerEncoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        # TransformerEncoder copies one layer; each shall start from numbers of its own.
        for copy in self.body.layers:
            for parameter in copy.parameters():
                if parameter.dim() == 2:
                    nn.init.xavier_uniform_(parameter)
        self.head = nn.Linear(WIDTH, characters, bias=False)
        self.mask = nn.Transformer.generate_square_subsequent_mask(CONTEXT)

    def forward(self, x):
        return self.head(self.body(self.tokens(x) + self.positions, mask=self.mask, is_causal=True))


def main():
    text = open(sys.argv[1], "rb").read()
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    alphabet = sorted(set(text))
    code = {byte: i for i, byte in enumerate(alphabet)}
    tokens = torch.tensor([code[byte] for byte in text])
    split = len(tokens) * 9 // 10
    train, validation = tokens[:split], tokens[split:]

    torch.manual_seed(7)
    model = Gpt(len(alphabet))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    loss_of = nn.CrossEntropyLoss()

    def windows(part, starts):
        rows = torch.stack([part[start : start + CONTEXT + 1] for start in starts])
        return rows[:, :-1], rows[:, 1:]

    for step in range(steps):
        room = len(train) - CONTEXT
        starts = [(row + 1) * 2654435761 % room for row in range(step * BATCH, (step + 1) * BATCH)]
        x, y = windows(train, starts)
        loss = loss_of(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    with torch.no_grad():
        starts = range(0, len(validation) - CONTEXT, CONTEXT)
        total = 0.0
        for first in range(0, len(starts), 256):
            x, y = windows(validation, starts[first : first + 256])
            total += loss_of(model(x).flatten(0, 1), y.flatten()).item() * len(x)
    print(f"validation loss: {total / len(starts):.4f}")


main()
