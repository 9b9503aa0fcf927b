# The lab, and what a cluster needs: `duet scheduler` and `duet worker`. See docs/cluster.md.
FROM python:3.13-slim

RUN useradd --create-home duet && mkdir /lab && chown duet /lab
WORKDIR /duet
COPY requirements.txt requirements-data.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt \
    && pip install --no-cache-dir --require-hashes --no-deps -r requirements-data.txt
COPY . .
RUN pip install --no-cache-dir --no-deps .

USER duet
ENV RECSYS_HOME=/lab
VOLUME /lab
EXPOSE 8501 8786
# Inside the container it listens on all addresses: publish the port on 127.0.0.1 only, or set a password.
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0"]
