# syntax=docker/dockerfile:1
# Build: the wheel brings its own node, so Python is all that this stage needs.
FROM python:3.11-slim AS build
# A torch without CUDA is much smaller: give the address of PyTorch's CPU packages (its installation page has it) as
#   docker build --build-arg PIP_EXTRA_INDEX_URL=... .
ARG PIP_EXTRA_INDEX_URL=
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --constraint constraints.txt --wheel-dir /wheels .

# Run: Python, the installed wheels, a user without rights, one folder to write to.
FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home torchglass && install --directory --owner=torchglass /data
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m venv /opt/torchglass && \
    /opt/torchglass/bin/pip install --no-cache-dir --no-index --find-links /wheels torchglass
ENV PATH=/opt/torchglass/bin:$PATH
USER torchglass
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"]
# The container's own address is not the one in the browser: --published-on names that one, and only it is answered.
CMD ["torchglass", "serve", "--host", "0.0.0.0", "--port", "8000", "--published-on", "127.0.0.1:8000", \
     "--no-browser", "--data-dir", "/data"]
