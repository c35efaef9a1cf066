# Every image of an installation, a target each:
#   web                pages, and the same image for beat and migrations: no torch
#   worker             transformers' engines on a CPU
#   gpu-transformers   the same on NVIDIA's cards
#   gpu-audiocraft     audiocraft's and LAION's own code beside them
#   proxy              Caddy with our Caddyfile
# Bases are pinned by tag and by digest. CUDA comes in torch's wheels, the driver from the host's container toolkit.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app:/app/platform \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    AUDIONESE_DATA=/data \
    HOME=/data
RUN groupadd --gid 10001 audionese \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin audionese \
 && install --directory --owner 10001 --group 10001 /data /models
WORKDIR /app

FROM base AS web-packages
RUN python -m venv /opt/venv
COPY requirements/ requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements/web.txt -r requirements/observability.txt \
      -r requirements/s3.txt

FROM web-packages AS worker-packages
# An index with a CPU's torch, which is then taken. Without one torch comes with CUDA, unused and several gigabytes.
ARG PIP_EXTRA_INDEX_URL=""
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements/inference.txt

FROM web-packages AS gpu-packages
# torch.compile builds its kernels' launchers where it runs. Debian's fixes are wanted: no version of theirs is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements/inference.txt
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    AUDIONESE_GPU_WORKER=1 \
    AUDIONESE_WORKER_PROCESSES=1 \
    HF_HOME=/models \
    TRITON_CACHE_DIR=/tmp/triton \
    TORCHINDUCTOR_CACHE_DIR=/tmp/inductor

FROM gpu-packages AS audiocraft-packages
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements/audiocraft.txt \
 && pip install --disable-pip-version-check --no-deps -r requirements/no-deps.txt
ENV NUMBA_CACHE_DIR=/tmp/numba

FROM caddy:2.10.2-alpine@sha256:4c6e91c6ed0e2fa03efd5b44747b625fec79bc9cd06ac5235a779726618e530d AS proxy
# It listens above port 1024: without the capability in its file it also starts where all of them are dropped.
RUN setcap -r /usr/bin/caddy \
 && mkdir -p /data /app/deploy \
 && chown 10001:10001 /data
ENV HOME=/data \
    XDG_DATA_HOME=/data \
    XDG_CONFIG_HOME=/tmp
WORKDIR /app
COPY deploy/ deploy/
USER 10001:10001
EXPOSE 8080 8443
CMD ["deploy/bin/proxy"]

FROM base AS code
COPY . .
RUN python -m compileall -q platform studies inference

FROM web-packages AS web
COPY --from=code /app /app
USER 10001:10001
EXPOSE 8000
CMD ["deploy/bin/web"]

FROM worker-packages AS worker
ENV HF_HOME=/models
COPY --from=code /app /app
USER 10001:10001
CMD ["deploy/bin/worker"]

FROM gpu-packages AS gpu-transformers
COPY --from=code /app /app
USER 10001:10001
CMD ["deploy/bin/worker"]

FROM audiocraft-packages AS gpu-audiocraft
COPY --from=code /app /app
USER 10001:10001
CMD ["deploy/bin/worker"]
