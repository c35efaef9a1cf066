"""Rewriters over transformers' encoder-decoder and decoder-only language models.

Both decode with the loop of `decoding`, and both are scored by the same function, s(y) = Σ log p(y_t | y_<t, x) / |y|^α
(BRIO, arXiv 2203.16804): a decoder-only model's prompt tokens are read but never counted.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from inference.engines import adapters, checkpoints, decoding
from inference.engines.batching import Batches
from inference.engines.parameters import RewriterParameters
from inference.engines.protocols import EngineError, RewriteRequest
from inference.engines.templates import cleaned, fill
from inference.training.parameters import Lora

_CONTEXT = 1024  # tokens, where neither model nor tokenizer names a limit: memory grows with their square
_UNNAMED = 10**9  # a tokenizer without a limit says about 1e30


class TransformersRewriter:
    """What both families share. model: a plain transformers model, in evaluation mode (no dropout)."""

    model: Any
    auto: ClassVar[Any]
    shares_context: ClassVar[bool]  # prompt and rewrite sit in one sequence

    def __init__(self, checkpoint: str, revision: str = "", parameters: RewriterParameters | None = None) -> None:
        self.parameters = parameters or RewriterParameters.model_validate({})
        self.tokenizer = checkpoints.pretrained_tokenizer(checkpoint, revision)
        self.model = checkpoints.pretrained_model(self.auto, checkpoint, revision, self.parameters.dtype)
        self.ends = self._end_tokens(checkpoint)
        self.batches = Batches(self.parameters.max_batch)

    def rewrite(self, requests: Sequence[RewriteRequest]) -> list[str]:
        """One rewrite for each request, in order; sampled requests draw from a generator of their own.

        Raises EngineError quoting the first request whose prompt is too long or whose rewrite comes out empty.
        """
        kept = [self._kept_tokens(request) for request in requests]
        room = [
            self.parameters.max_new_tokens + len(own) + self._most_owed(r)
            for r, own in zip(requests, kept, strict=True)
        ]
        prompts = [self._prompt_tokens(request, most) for request, most in zip(requests, room, strict=True)]
        by_length = sorted(range(len(requests)), key=lambda index: len(prompts[index]))  # little padding
        made = self.batches.run(
            by_length,
            lambda chosen: self._decode(
                [requests[i] for i in chosen], [prompts[i] for i in chosen], [kept[i] for i in chosen]
            ),
        )
        texts = [text for _, text in sorted(zip(by_length, made, strict=True))]
        for request, text in zip(requests, texts, strict=True):
            if not text:
                raise EngineError(f"The rewrite of {_quoted(request)} came out empty: change the instruction or seed.")
        return texts

    def log_likelihoods(
        self, request: RewriteRequest, candidates: Sequence[str], length_penalty: float = 1.0
    ) -> Tensor:
        """s(y) = Σ log p(y_t | y_<t, x) / |y|^α of each candidate: [candidates], differentiable.

        |y| counts the end token, whose likelihood belongs to the text. length_penalty: α.
        """
        sums, lengths = self.token_log_likelihoods(request, candidates)
        return sums / lengths.to(sums.dtype) ** length_penalty

    def token_log_likelihoods(self, request: RewriteRequest, candidates: Sequence[str]) -> tuple[Tensor, Tensor]:
        """(Σ log p(y_t | y_<t, x), |y|) of each candidate, both [candidates], the sums differentiable.

        Tokens that decoding would force are read, not counted.
        """
        rows = [self._candidate_tokens(text) for text in candidates]
        prompt = self._prompt_tokens(request, max(map(len, rows)))
        targets, present = decoding.padded(rows, self.ends)
        mask = present & ~self._forced(self._kept_tokens(request), rows, targets)
        logits = self._candidate_logits(prompt, targets, present)  # [candidates, tokens, vocabulary]
        if logits.dtype != torch.float64:
            logits = logits.float()
        chosen = logits.log_softmax(-1).gather(-1, targets[..., None]).squeeze(-1)
        return torch.where(mask, chosen, 0).sum(1), mask.sum(1)

    def copy_for_training(self, lora: Lora | None = None, seed: int = 0) -> Self:
        """A rewriter to train, while this one stays as it is.

        All weights are its own, in at least float32; with `lora` only adapters are, beside the weights of this one.
        seed: of fresh adapters. A rewriter that has adapters already goes on with those.
        """
        twin = copy.copy(self)
        twin.model = adapters.trainable_copy(self.model, lora, seed)
        return twin

    def trainable(self) -> list[Tensor]:
        """The weights that an optimiser may change."""
        return [weight for weight in self.model.parameters() if weight.requires_grad]

    def load_weights(self, weights: bytes) -> None:
        """Replaces the weights, or adds adapters. Raises EngineError, with nothing changed, where they do not fit."""
        adapters.load(self.model, weights)

    def weights(self) -> bytes:
        """Safetensors of the weights, of the adapters alone where there are some; equal weights give equal bytes."""
        return adapters.dump(self.model)

    @torch.inference_mode()
    def _decode(self, requests: list[RewriteRequest], prompts: list[list[int]], kept: list[list[int]]) -> list[str]:
        seeds = [request.seed for request in requests]
        uniform = decoding.draws(seeds, self.parameters.max_new_tokens)
        code = decoding.codes(seeds, [request.stratum for request in requests])
        sampling = decoding.Sampling(self.parameters.temperature, self.parameters.top_p)
        owed = (lambda item, said: self._owed_tokens(requests[item], said)) if self.parameters.keep_terms else None
        rows = decoding.decode(self._stepper(prompts), uniform, self.ends, sampling, kept, code, owed)
        return [self._text(row) for row in rows]

    def _text(self, tokens: list[int]) -> str:
        return cleaned(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def _prompt_tokens(self, request: RewriteRequest, room: int) -> list[int]:
        """The prompt's token ids, never cut. Raises EngineError where they, and `room` to answer, do not fit."""
        tokens = self._read_tokens(fill(self.parameters, request))
        context, room = self._context(), room if self.shares_context else 0
        if len(tokens) + room > context:
            answer = f" and its rewrite up to {room} more" if room else ""
            raise EngineError(
                f"The prompt {_quoted(request)} takes {len(tokens)} tokens with its instruction{answer}, but this "
                f"rewriter's context holds {context}: shorten the prompt, or show fewer exemplars."
            )
        return tokens

    def _read_tokens(self, text: str) -> list[int]:
        """The text as the model was trained to read it: as a chat's user where its tokenizer knows how to say that."""
        if not (self.parameters.chat and self.tokenizer.chat_template):
            return self.tokenizer(text, truncation=False, padding=False)["input_ids"]
        system = [{"role": "system", "content": self.parameters.system}] if self.parameters.system else []
        said = [*system, {"role": "user", "content": text}]
        return self.tokenizer.apply_chat_template(said, add_generation_prompt=True, return_dict=True)["input_ids"]

    def _kept_tokens(self, request: RewriteRequest) -> list[int]:
        """Token ids that a rewrite of this request must begin with; none unless the prompt is kept."""
        return self._candidate_tokens(request.text)[:-1] if self.parameters.keep_prompt else []

    def _owed_tokens(self, request: RewriteRequest, said: list[int]) -> list[int]:
        """Token ids that go on from `said` with the prompt's words that it has lost."""
        if request.lost is None:
            return []
        text = self._text(said)
        lost = request.lost(text)
        return self._going_on(f", {lost}" if text else lost) if lost else []

    def _most_owed(self, request: RewriteRequest) -> int:
        """Tokens that a rewrite of this request may have to say beside its own."""
        if not self.parameters.keep_terms or request.lost is None:
            return 0
        return decoding.REMINDERS * len(self._going_on(f", {request.lost('')}"))

    def _going_on(self, text: str) -> list[int]:
        """Token ids of a text that others stand before: some tokenizers mark the beginning of a line."""
        before, whole = (self._candidate_tokens(each)[:-1] for each in ("a", f"a{text}"))
        return whole[len(before) :] if whole[: len(before)] == before else self._candidate_tokens(text)[:-1]

    @staticmethod
    def _forced(kept: list[int], rows: list[list[int]], targets: Tensor) -> Tensor:
        """[candidates, tokens]: what decoding would have forced of candidates that begin so."""
        begins = torch.tensor([row[: len(kept)] == kept for row in rows], device=targets.device)
        return begins[:, None] & (torch.arange(targets.shape[1], device=targets.device) < len(kept))

    def _candidate_tokens(self, text: str) -> list[int]:
        """Token ids of a rewrite, its end token last."""
        tokens = self.tokenizer(text, add_special_tokens=False, truncation=False, padding=False)["input_ids"]
        return [*tokens, int(self.ends[0])]

    def _end_tokens(self, checkpoint: str) -> Tensor:
        """Ids that end a text, the tokenizer's own first."""
        found = [self.tokenizer.eos_token_id, *_listed(self.model.generation_config.eos_token_id)]
        ends = list(dict.fromkeys(token for token in found if token is not None))
        if not ends:
            raise EngineError(f"Checkpoint {checkpoint!r} names no end token (eos_token): set it in its tokenizer.")
        return torch.tensor(ends, device=self.model.device)

    def _context(self) -> int:
        """Tokens that fit: the model's positions; T5 has relative ones, there its tokenizer knows."""
        named = (getattr(self.model.config, "max_position_embeddings", None), self.tokenizer.model_max_length)
        return min((limit for limit in named if limit and limit < _UNNAMED), default=_CONTEXT)

    def _stepper(self, prompts: list[list[int]]) -> Callable[[Tensor | None], Tensor]:
        raise NotImplementedError

    def _candidate_logits(self, prompt: list[int], targets: Tensor, mask: Tensor) -> Tensor:
        raise NotImplementedError


class Seq2SeqRewriter(TransformersRewriter):
    """Encoder-decoder models: FLAN-T5, LaMini-Flan-T5 and their kin."""

    auto = AutoModelForSeq2SeqLM
    shares_context = False

    def _stepper(self, prompts: list[list[int]]) -> Callable[[Tensor | None], Tensor]:
        ids, mask = decoding.padded(prompts, self.ends)
        encoded = self.model.get_encoder()(input_ids=ids, attention_mask=mask)
        start, cache = self._start(len(prompts)), None

        def step(tokens: Tensor | None) -> Tensor:
            nonlocal cache
            answer = self.model(
                encoder_outputs=encoded,
                attention_mask=mask,
                decoder_input_ids=start if tokens is None else tokens[:, None],
                past_key_values=cache,
                use_cache=True,
            )
            cache = answer.past_key_values
            return answer.logits[:, -1]

        return step

    def _candidate_logits(self, prompt: list[int], targets: Tensor, mask: Tensor) -> Tensor:
        ids, read = decoding.padded([prompt], self.ends)
        encoded = self.model.get_encoder()(input_ids=ids, attention_mask=read)
        encoded.last_hidden_state = encoded.last_hidden_state.expand(len(targets), -1, -1)
        before = torch.cat([self._start(len(targets)), targets[:, :-1]], 1)
        answer = self.model(
            encoder_outputs=encoded,
            attention_mask=read.expand(len(targets), -1),
            decoder_input_ids=before,
            use_cache=False,
        )
        return answer.logits

    def _start(self, batch: int) -> Tensor:
        """[batch, 1] of the token that starts a decoder; T5 starts with its padding token."""
        config = self.model.config
        start = getattr(config, "decoder_start_token_id", None)
        start = config.pad_token_id if start is None else start
        return torch.full((batch, 1), start, device=self.model.device)


class CausalRewriter(TransformersRewriter):
    """Decoder-only models: LaMini-GPT, LaMini-Neo and their kin. Prompts are padded on the left."""

    auto = AutoModelForCausalLM
    shares_context = True

    def _stepper(self, prompts: list[list[int]]) -> Callable[[Tensor | None], Tensor]:
        ids, mask = decoding.padded(prompts, self.ends, left=True)
        cache = None

        def step(tokens: Tensor | None) -> Tensor:
            nonlocal cache, ids, mask
            if tokens is not None:
                ids, mask = tokens[:, None], torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
            places = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
            answer = self.model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=places,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = answer.past_key_values
            return answer.logits[:, -1]

        return step

    def _candidate_logits(self, prompt: list[int], targets: Tensor, mask: Tensor) -> Tensor:
        read = torch.tensor([prompt], device=targets.device).expand(len(targets), -1)
        answer = self.model(
            input_ids=torch.cat([read, targets], 1),
            attention_mask=torch.cat([torch.ones_like(read, dtype=torch.bool), mask], 1),
            logits_to_keep=targets.shape[1] + 1,  # from the last prompt token, which predicts the first target
            use_cache=False,
        )
        return answer.logits[:, :-1]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _quoted(request: RewriteRequest) -> str:
    return repr(request.text if len(request.text) <= 60 else request.text[:57] + "…")
