# Butterfly for a rented box: the same host without a screen, as a user without rights. Its data is a volume.
#   docker build -t butterfly .
#   docker run -v butterfly:/data --gpus all butterfly join --network finney=wss://… --profile NAME --keys /data/keys
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
# What graphics drivers are reached by, and certificates of chain nodes.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libvulkan1 \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown node:node /data && chmod 700 /data
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/bin ./bin
COPY --from=build --chown=root:root /app/out ./out
COPY --from=build --chown=root:root /app/node_modules ./node_modules
ENV BUTTERFLY_DATA_DIR=/data \
    BUTTERFLY_HEADLESS=1
USER node
VOLUME /data
# Peers; the page is served on the box's own loopback alone, and only without BUTTERFLY_HEADLESS.
EXPOSE 4001
# A host that stops in order has two minutes for it: docker stop --time 150.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=120s \
  CMD ["node", "/app/bin/butterfly.mjs", "status", "--json"]
ENTRYPOINT ["node", "/app/bin/butterfly.mjs"]
CMD ["serve"]
