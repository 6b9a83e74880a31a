"""Small checkpoints of real architectures, written as their authors' are, and encoders built from the YAML."""

from pathlib import Path

import torch
from hydra import compose, initialize_config_dir

from src.encoder.build import build_encoder
from src.encoder.dual_encoder import DualEncoder

CONF = Path(__file__).resolve().parents[2] / "conf"
TEXTS = [
    "When is tea served?",
    "The ferry leaves at noon, the last one at six in the evening; there is none on Sundays.",
    "Wo liegt Wien?",
    "где находится музей",
    "Tea",
    "茶は正午に出される",
    "The museum lies behind the old harbour.",
]
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}


def characters():
    return sorted(set("".join(TEXTS)) - {" "})


def build(*overrides, texts=TEXTS, seed=0) -> DualEncoder:
    """An encoder as `python -m src.train` would build it from these overrides."""
    with initialize_config_dir(str(CONF), version_base=None):
        config = compose(overrides=[f"+{overrides[0]}", *overrides[1:]])
    torch.manual_seed(seed)
    return build_encoder(config.model, lambda: iter(texts))


def write_bert(folder, *, model_class="BertModel", dtype=torch.float32, positions=64) -> Path:
    """BERT with its head, as LaBSE and mBERT come; a word is its characters."""
    import transformers

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters(), *("##" + char for char in characters())]
    tokenizer = transformers.BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, do_lower_case=False)
    config = transformers.BertConfig(vocab_size=len(pieces), max_position_embeddings=positions, **SIZES)
    return _write(folder, getattr(transformers, model_class)(config).to(dtype), tokenizer)


def write_xlmr(folder) -> Path:
    """XLM-R without a head, as it comes: 514 positions for 512 tokens, a Unigram tokenizer."""
    import transformers

    pieces = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces += [("▁", -1.0), *((char, -2.0) for char in characters()), ("▁The", -1.5), ("<mask>", 0.0)]
    tokenizer = transformers.XLMRobertaTokenizer(vocab=pieces)
    config = transformers.XLMRobertaConfig(vocab_size=len(pieces), max_position_embeddings=514, **SIZES)
    return _write(folder, transformers.XLMRobertaForMaskedLM(config), tokenizer)


def _write(folder, model, tokenizer) -> Path:
    with torch.no_grad():  # biases and norms start at 0 and 1: make each parameter count
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
