"""Random models of the real architectures, small enough for a test, saved as `from_pretrained` expects them."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

WORDS = """sad slow church music with a low organ and long echo, fast bright piano, gentle rain behind a soft guitar,
loud drums for a gym workout, calm strings in a large hall, a warm flute melody, quiet birds at dawn, deep bass"""


def build_tokenizer(folder: Path, ends: bool, pads: bool = True) -> int:
    """The size of a BPE over printable ASCII. ends: texts are closed by </s>, as T5's and RoBERTa's are."""
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = tokenizers.Tokenizer(models.BPE(unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.Metaspace()
    bpe.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        show_progress=False,
        special_tokens=["<pad>", "</s>", "<unk>"],
        initial_alphabet=sorted(set(string.printable) - set(string.whitespace)),
    )
    bpe.train_from_iterator(WORDS.splitlines(), trainer)
    if ends:
        bpe.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"eos_token": "</s>", "unk_token": "<unk>"} | ({"pad_token": "<pad>"} if pads else {})
    PreTrainedTokenizerFast(tokenizer_object=bpe, model_max_length=256, **special).save_pretrained(folder)
    return bpe.get_vocab_size()


@pytest.fixture(scope="session")
def seq2seq_checkpoint(tmp_path_factory) -> str:
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    folder = tmp_path_factory.mktemp("t5")
    config = T5Config(
        vocab_size=build_tokenizer(folder, ends=True),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = T5ForConditionalGeneration(config)
        model.lm_head.weight.data.mul_(0.3)  # T5 starts so sure of itself that it would say one word for ever
        model.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def causal_checkpoint(tmp_path_factory) -> str:
    """A GPT-2 whose tokenizer has no padding token, as the published ones."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("gpt2")
    config = GPT2Config(
        vocab_size=build_tokenizer(folder, ends=False, pads=False),
        n_positions=256,
        n_embd=32,
        n_layer=2,
        n_head=4,
        bos_token_id=1,
        eos_token_id=1,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        model = GPT2LMHeadModel(config)
        for parameter in model.parameters():  # GPT-2 starts so flat that every text would be alike
            parameter.data.mul_(4 if parameter.ndim > 1 else 1)
        model.save_pretrained(folder)
    return str(folder)


def build_causal(folder: Path, architecture: str, **config) -> str:
    """A random decoder-only model with rotary or local attention, as chat models and LaMini-Neo have them."""
    import torch
    import transformers

    size = build_tokenizer(folder, ends=False, pads=False)
    ids = {"vocab_size": size, "bos_token_id": 1, "eos_token_id": 1, "max_position_embeddings": 256}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        made = getattr(transformers, f"{architecture}Config")(**ids, hidden_size=32, **config)
        model = getattr(transformers, f"{architecture}ForCausalLM")(made)
        for parameter in model.parameters():
            parameter.data.mul_(4 if parameter.ndim > 1 else 1)
        model.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def neo_checkpoint(tmp_path_factory) -> str:
    """The architecture of LaMini-Neo: every second layer sees a window only."""
    kinds = [[["global", "local"], 1]]
    return build_causal(
        tmp_path_factory.mktemp("neo"), "GPTNeo", num_layers=2, num_heads=4, attention_types=kinds, window_size=8
    )


@pytest.fixture(scope="session")
def chat_checkpoint(tmp_path_factory) -> str:
    """A chat model: rotary positions, grouped queries, and a template in its tokenizer."""
    from transformers import AutoTokenizer

    folder = tmp_path_factory.mktemp("chat")
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    build_causal(folder, "Qwen2", num_hidden_layers=2, intermediate_size=64, **heads)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    said = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
    tokenizer.chat_template = said + "{% if add_generation_prompt %}<said>{% endif %}"
    tokenizer.save_pretrained(folder)
    return str(folder)


def build_musicgen(folder: Path, channels: int) -> str:
    """A random MusicGen of 50 frames a second at 8 kHz."""
    from inference.sandbox.small_hub import small_musicgen

    small_musicgen(folder, channels, sample_rate=8_000, ratios=(8, 5, 4))
    return str(folder)


@pytest.fixture(scope="session")
def musicgen_checkpoint(tmp_path_factory) -> str:
    return build_musicgen(tmp_path_factory.mktemp("musicgen"), channels=1)


@pytest.fixture(scope="session")
def stereo_musicgen_checkpoint(tmp_path_factory) -> str:
    return build_musicgen(tmp_path_factory.mktemp("stereo-musicgen"), channels=2)


def build_clap(folder: Path, fusion: bool) -> str:
    """A random ClapModel for three seconds at 16 kHz: 256 frames of 64 bands."""
    import torch
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    text = {
        "vocab_size": build_tokenizer(folder, ends=True),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 40,
        "pad_token_id": 0,
        "projection_dim": 24,
    }
    audio = {
        "spec_size": 128,
        "num_mel_bins": 64,
        "patch_size": 8,
        "patch_stride": [8, 8],
        "window_size": 4,
        "depths": [1, 1, 2],
        "num_attention_heads": [2, 4, 8],
        "patch_embeds_hidden_size": 16,
        "hidden_size": 64,
        "num_classes": 8,
        "projection_dim": 24,
        "enable_fusion": fusion,
    }
    with torch.random.fork_rng():
        torch.manual_seed(11)
        model = ClapModel(ClapConfig(text_config=text, audio_config=audio, projection_dim=24))
        for parameter in model.parameters():
            parameter.data.mul_(3 if parameter.ndim > 1 else 1)
        model.save_pretrained(folder)
    truncation = "fusion" if fusion else "rand_trunc"
    ClapFeatureExtractor(
        sampling_rate=16_000, hop_length=188, max_length_s=3, frequency_max=8_000, truncation=truncation
    ).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def clap_checkpoint(tmp_path_factory) -> str:
    return build_clap(tmp_path_factory.mktemp("clap"), fusion=False)


@pytest.fixture(scope="session")
def fused_clap_checkpoint(tmp_path_factory) -> str:
    return build_clap(tmp_path_factory.mktemp("fused-clap"), fusion=True)
