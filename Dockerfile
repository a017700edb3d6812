# docker build -t igchat .
# docker run -v igchat:/data igchat generate-config --server-name example.org --bind 0.0.0.0 --data-dir /data --output /data/homeserver.yaml
# docker run -v igchat:/data -p 127.0.0.1:8008:8008 igchat
FROM node:20-bookworm AS build
WORKDIR /source
COPY . .
RUN .ci/assemble /tree

FROM node:20-bookworm-slim
COPY --from=build /tree/igchat /igchat
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 IGCHAT_CONFIG=/data/homeserver.yaml
WORKDIR /data
VOLUME /data
EXPOSE 8008
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=30s --interval=15s --timeout=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8008/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "/igchat/dist/src/main.js"]
CMD ["start"]
