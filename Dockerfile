# The workflow with everything that it needs, as requirements.txt pins it. docs/container.md says how to use it.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

# The packages first: an edit of the workflow does not install them again.
COPY requirements.txt /opt/auscultation-models/
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --requirement /opt/auscultation-models/requirements.txt

COPY Snakefile config.yaml config.schema.yaml CITATION.cff LICENSE /opt/auscultation-models/
COPY envs /opt/auscultation-models/envs/
COPY profiles /opt/auscultation-models/profiles/
COPY report /opt/auscultation-models/report/
COPY rules /opt/auscultation-models/rules/
COPY scripts /opt/auscultation-models/scripts/

# Whoever runs it, by --user, may have no name, which snakemake asks for, and no home: caches go where all may write.
ENV USER=user HOME=/tmp XDG_CACHE_HOME=/tmp/.cache MPLCONFIGDIR=/tmp/.matplotlib PYTHONDONTWRITEBYTECODE=1
USER 1000:1000

# Your folder: config.yaml, data, results.
WORKDIR /data
ENTRYPOINT ["snakemake", "--snakefile", "/opt/auscultation-models/Snakefile"]
CMD ["--cores", "all"]
