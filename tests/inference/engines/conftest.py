"""Random diffusion pipelines of the real classes, of a second at 8 kHz, saved as usual; a hub that lets nobody in."""

from __future__ import annotations

import string

import pytest

TEXT_DIM, CLAP_DIM, GPT_DIM, CONDITION_DIM = 32, 24, 16, 8


@pytest.fixture
def gated():
    """In the place of a download: fails as the hub does for those whom a model's owners have not let in."""
    import httpx
    from huggingface_hub.errors import GatedRepoError

    def refuse(name, *_, **__):
        url = f"https://huggingface.co/{name}/resolve/main/config.json"
        answer = httpx.Response(403, headers={"X-Error-Code": "GatedRepo"}, request=httpx.Request("HEAD", url))
        raise GatedRepoError(f"403 Client Error.\n\nCannot access gated repo for url {url}.", response=answer)

    return refuse


def clap_tokenizer():
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import RobertaTokenizer

    words = ["<pad>", "<unk>", "<s>", "</s>", "<mask>", *sorted(ByteLevel.alphabet())]
    return RobertaTokenizer(vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=64)


def t5_tokenizer():
    from transformers import T5Tokenizer

    words = ["<pad>", "</s>", "<unk>", "▁", *sorted(set(string.printable) - set(string.whitespace))]
    return T5Tokenizer(vocab=[(word, -2.0) for word in words], extra_ids=0, model_max_length=64)


def t5_encoder():
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(T5Config(vocab_size=120, d_model=TEXT_DIM, d_kv=8, d_ff=64, num_layers=2, num_heads=4))


def clap_config():
    from transformers import ClapConfig

    text = {
        "vocab_size": 280,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 80,
        "pad_token_id": 0,
        "projection_dim": CLAP_DIM,
    }
    audio = {
        "spec_size": 64,
        "window_size": 4,
        "patch_embeds_hidden_size": 8,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "num_hidden_layers": 2,
        "hidden_size": 16,
        "projection_dim": CLAP_DIM,
    }
    return ClapConfig(text_config=text, audio_config=audio, projection_dim=CLAP_DIM)


def vocoder():
    """Frames of 10 ms: eight mel bands to 80 samples."""
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    return SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=8,
            sampling_rate=8_000,
            upsample_initial_channel=16,
            upsample_rates=[5, 4, 4],
            upsample_kernel_sizes=[11, 8, 8],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1, 3]],
            normalize_before=False,
        )
    )


def mel_autoencoder():
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        in_channels=1,
        out_channels=1,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        block_out_channels=[8, 16],
        latent_channels=4,
        norm_num_groups=8,
    )


def ddim():
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False
    )


U_NET = {
    "sample_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "layers_per_block": 1,
    "block_out_channels": (8, 16),
    "norm_num_groups": 8,
    "attention_head_dim": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}


def audioldm():
    from diffusers import AudioLDMPipeline, UNet2DConditionModel
    from transformers import ClapTextModelWithProjection

    return AudioLDMPipeline(
        vae=mel_autoencoder(),
        text_encoder=ClapTextModelWithProjection(clap_config().text_config),
        tokenizer=clap_tokenizer(),
        unet=UNet2DConditionModel(
            **U_NET,
            cross_attention_dim=(8, 16),
            class_embed_type="simple_projection",
            projection_class_embeddings_input_dim=CLAP_DIM,
            class_embeddings_concat=True,
        ),
        scheduler=ddim(),
        vocoder=vocoder(),
    )


def audioldm2():
    """With a GPT2Model, as the published checkpoints have it."""
    from diffusers import AudioLDM2Pipeline, AudioLDM2ProjectionModel, AudioLDM2UNet2DConditionModel
    from transformers import ClapFeatureExtractor, ClapModel, GPT2Config, GPT2Model

    ids = {"vocab_size": 50, "bos_token_id": 1, "eos_token_id": 1}
    language = GPT2Config(**ids, n_embd=GPT_DIM, n_layer=2, n_head=4, n_positions=160, max_new_tokens=8)
    return AudioLDM2Pipeline(
        vae=mel_autoencoder(),
        text_encoder=ClapModel(clap_config()),
        text_encoder_2=t5_encoder(),
        projection_model=AudioLDM2ProjectionModel(CLAP_DIM, TEXT_DIM, GPT_DIM),
        language_model=GPT2Model(language),
        tokenizer=clap_tokenizer(),
        tokenizer_2=t5_tokenizer(),
        feature_extractor=ClapFeatureExtractor(),
        unet=AudioLDM2UNet2DConditionModel(**U_NET, cross_attention_dim=((None, GPT_DIM, None, TEXT_DIM),) * 2),
        scheduler=ddim(),
        vocoder=vocoder(),
    )


def stable_audio():
    """Stereo, 400 latents of 20 samples."""
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )

    return StableAudioPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=6,
            downsampling_ratios=[4, 5],
            decoder_channels=3,
            decoder_input_channels=4,
            audio_channels=2,
            channel_multiples=[2, 4],
            sampling_rate=8_000,
        ),
        text_encoder=t5_encoder(),
        projection_model=StableAudioProjectionModel(TEXT_DIM, CONDITION_DIM, min_value=0, max_value=512),
        tokenizer=t5_tokenizer(),
        transformer=StableAudioDiTModel(
            sample_size=400,
            in_channels=4,
            out_channels=4,
            num_layers=2,
            attention_head_dim=4,
            num_attention_heads=4,
            num_key_value_attention_heads=2,
            cross_attention_dim=CONDITION_DIM,
            cross_attention_input_dim=CONDITION_DIM,
            global_states_input_dim=2 * CONDITION_DIM,
            time_proj_dim=8,
        ),
        scheduler=CosineDPMSolverMultistepScheduler(),
    )


def saved(build, folder, gain: float = 1.0) -> str:
    """Weights of that gain: as they are initialised every text sounds alike, and vocoders are silent.

    Oobleck's would turn the last digit of a latent into another sound: those stay.
    """
    import torch
    from diffusers import AutoencoderOobleck

    with torch.random.fork_rng():
        torch.manual_seed(17)
        pipeline = build()
        models = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
        for model in models:
            for weight in () if isinstance(model, AutoencoderOobleck) else model.parameters():
                if weight.ndim > 1:
                    torch.nn.init.normal_(weight, std=gain * weight[0].numel() ** -0.5)
        pipeline.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def audioldm_checkpoint(tmp_path_factory) -> str:
    return saved(audioldm, tmp_path_factory.mktemp("audioldm"))


@pytest.fixture(scope="session")
def audioldm2_checkpoint(tmp_path_factory) -> str:
    return saved(audioldm2, tmp_path_factory.mktemp("audioldm2"))


@pytest.fixture(scope="session")
def stable_audio_checkpoint(tmp_path_factory) -> str:
    return saved(stable_audio, tmp_path_factory.mktemp("stable-audio"), gain=0.5)
