# One of the four services: docker build --build-arg APP=fetcher|reconciler|persister|coordinator .
# Unverified: written without a Docker daemon at hand.

FROM node:24-bookworm-slim AS build
WORKDIR /rollcall
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY apps apps
COPY libs libs
RUN npx tsc -p tsconfig.json

FROM node:24-bookworm-slim AS packages
WORKDIR /rollcall
COPY package.json package-lock.json .npmrc ./
# The optional packages are servers for a developer's machine.
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:24-bookworm-slim
ARG APP
WORKDIR /rollcall
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 HTTP_PORT=8080
COPY package.json ./
COPY --from=packages /rollcall/node_modules node_modules
COPY --from=build /rollcall/dist dist
RUN test -n "$APP" && test -f "dist/apps/$APP/src/main.js" && ln -s "dist/apps/$APP/src/main.js" main.js
USER node
EXPOSE 8080
# Live, not ready: a School Passport or a Kafka that is away is no reason to start anew.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches it.
ENTRYPOINT ["node", "--enable-source-maps", "main.js"]
