# One image for every service; the command says which: `node apps/<service>/src/main.ts`.
# Nothing is built: Node runs the TypeScript sources, and the workspaces are links inside of node_modules.
ARG NODE_IMAGE=node:26-slim

# The manifests alone, so that a change of the code keeps the installed dependencies.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /manifests
COPY . /source
RUN cd /source && find . -name node_modules -prune -o \( -name package.json -o -name package-lock.json \) -print \
  | xargs cp --parents --target-directory=/manifests

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY apps ./apps
COPY packages ./packages
COPY scripts/docker-health.ts ./scripts/
# Where volumes hold the keys of services: a new volume takes its owner from the folder that it covers.
RUN for app in apps/*; do install --directory --owner=node --group=node /keys "/keys/${app#apps/}"; done
USER node
CMD ["node", "apps/gateway/src/main.ts"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/docker-health.ts"]
