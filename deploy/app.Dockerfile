# The app environment: the gateway (the only public listener) and the action server.
FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 navigator
WORKDIR /navigator
COPY requirements/app.lock requirements/app.lock
RUN pip install --no-cache-dir --require-hashes -r requirements/app.lock
COPY policies_kb policies_kb
COPY casework casework
COPY actions actions
COPY channels channels
RUN mkdir var && chown navigator var
USER navigator
ENV PYTHONUNBUFFERED=1 RASA_TELEMETRY_ENABLED=false SANIC_HOST=127.0.0.1
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('NAVIGATOR_PORT', '8080'), timeout=2)"]
CMD ["sh", "-c", "python -m casework migrate && exec python -m channels.gateway"]
