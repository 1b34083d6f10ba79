# One image for every process; the command says which: migrate, api, worker or clock.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PORTCULLIS_ENVIRONMENT=production

RUN useradd --system --no-create-home portcullis
WORKDIR /portcullis

# By itself, so that a change in the code does not install everything again.
COPY constraints.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --only-binary :all: -r constraints.txt

COPY rules rules
COPY storage storage
COPY tenancy tenancy
COPY resolvers resolvers
COPY schema schema
COPY workers workers
COPY service service

USER portcullis
EXPOSE 8080
ENTRYPOINT ["python", "-m", "service"]
CMD ["api"]
