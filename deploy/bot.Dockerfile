# The bot environment: Rasa Open Source 3.6.21 on Python 3.10, both past their support. It listens on loopback only
# (compose.yaml puts it into the gateway's network namespace) and holds no database and no record of anybody.
FROM python:3.10-slim-bookworm
RUN useradd --create-home --uid 10001 navigator
WORKDIR /navigator
COPY requirements/bot.lock requirements/bot.lock
RUN pip install --no-cache-dir --require-hashes -r requirements/bot.lock
COPY endpoints.yml endpoints.yml
COPY policies_kb policies_kb
COPY nlu_data nlu_data
COPY bot bot
RUN mkdir -p var bot/models && chown -R navigator var bot/models
USER navigator
ENV PYTHONUNBUFFERED=1 RASA_TELEMETRY_ENABLED=false
# The model is part of the image: what was trained is what is served.
RUN python -m bot.train
CMD ["python", "-m", "bot.serve"]
